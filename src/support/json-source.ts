/** What JSON.parse and JSON.stringify can do with the digits of numbers, which TypeScript's library does not have yet. */

/** https://github.com/tc39/proposal-json-parse-with-source; Node.js 22 has it. */
interface JsonWithSource {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}

// The same object: only its type is missing.
const json = JSON as unknown as JsonWithSource;

/** JSON.stringify writes its text as it is. */
export interface RawJson {
  readonly rawJSON: string;
}

/** `text`: a number, a string, true, false or null. Throws SyntaxError. */
export function rawJson(text: string): RawJson {
  return json.rawJSON(text);
}

export function isRawJson(value: unknown): value is RawJson {
  return json.isRawJSON(value);
}

/** Parses JSON and replaces each number, of which the text is given. Throws SyntaxError, RangeError. */
export function parseNumbers(text: string, replace: (value: number, source: string) => unknown): unknown {
  return json.parse(text, (_key, value, { source = '' }) =>
    typeof value === 'number' ? replace(value, source) : value,
  );
}
