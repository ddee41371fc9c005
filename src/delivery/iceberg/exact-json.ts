/** JSON that keeps numbers exactly, even if a double cannot represent them. */

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

// TypeScript's library does not have the source text of values yet (Node 22 has it):
// https://github.com/tc39/proposal-json-parse-with-source
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;
const { rawJSON } = JSON as unknown as { rawJSON: (this: void, text: string) => unknown };

const INTEGER = /^-?\d+$/;

/** Integers beyond 2^53, such as the ids of snapshots, become bigints. Throws SyntaxError. */
export function parseWithBigInts(text: string): unknown {
  return parse(text, (_, value, { source = '' }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source)
      ? BigInt(source)
      : value,
  );
}

/** Writes bigints as integers. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? rawJSON(member.toString()) : member,
  );
}

/** A number with its source text. */
export class NumberText {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** Parses all numbers as NumberTexts. Throws SyntaxError, or RangeError for text that is nested too deeply. */
export function parseWithNumberTexts(text: string): unknown {
  return parse(text, (_, value, { source = '' }) =>
    typeof value === 'number' ? new NumberText(source) : value,
  );
}

/** Writes NumberTexts as they were. */
export function stringifyNumberTexts(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    member instanceof NumberText ? rawJSON(member.source) : member,
  );
}
