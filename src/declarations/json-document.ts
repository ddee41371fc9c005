import { isDeepStrictEqual } from 'node:util';
import { reader, type YamlReader } from '../config/yaml-reader.ts';

/** What the API takes as JSON in a text: a map, or that text. The value is the JSON. */
export const jsonDocument: YamlReader<string> = reader({ type: ['string', 'object'] }, (node, place) => {
  const value = place.valueOf(node);
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return place.problem('must be a map, or its JSON');
  }
  return JSON.stringify(value);
});

/** Whether two texts are the same JSON, whatever its blanks and the order of its members. */
export function sameJson(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  try {
    return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
  } catch {
    return false;
  }
}

/** For `nagare declare`. */
export function declaredJson(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
