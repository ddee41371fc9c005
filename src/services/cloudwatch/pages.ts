import { invalidNextToken } from './errors.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | undefined;
}

/** The items after the one whose key the token holds. `items` are in the order of their keys. */
export function page<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  size: number,
  token: string | undefined,
): Page<Item> {
  const after = token === undefined ? undefined : decodeToken(token);
  const found: Item[] = [];
  for (const item of items) {
    if (after !== undefined && keyOf(item) <= after) continue;
    const last = found.at(-1);
    if (found.length === size && last !== undefined)
      return { items: found, nextToken: encodeToken(keyOf(last)) };
    found.push(item);
  }
  return { items: found, nextToken: undefined };
}

function encodeToken(key: string): string {
  return Buffer.from(JSON.stringify([key])).toString('base64url');
}

function decodeToken(token: string): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(value) && typeof value[0] === 'string') return value[0];
  } catch {
    // Not one of ours: told below.
  }
  throw invalidNextToken();
}
