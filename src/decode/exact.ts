import { parseNumbers, rawJson, type RawJson } from '../support/json-source.ts';

/** A number that a double cannot hold; `JSON.stringify` writes its digits. */
type ExactNumber = RawJson;

/** A number if a double holds it exactly. */
export function integer(value: bigint): number | ExactNumber {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : rawJson(value.toString());
}

/** JSON has no NaN and no infinities: these are texts. */
export function float(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Like `JSON.parse`, but numbers that a double would round keep their digits. */
export function parseExactly(text: string): unknown {
  return parseNumbers(text, (value, source) => (String(value) === source ? value : rawJson(source)));
}
