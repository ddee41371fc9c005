import { parseNumbers, rawJson } from '../../support/json-source.ts';

/** JSON that keeps numbers exactly, even if a double cannot represent them. */

const INTEGER = /^-?\d+$/;

/** Integers beyond 2^53, such as the ids of snapshots, become bigints. Throws SyntaxError. */
export function parseWithBigInts(text: string): unknown {
  return parseNumbers(text, (value, source) =>
    !Number.isSafeInteger(value) && INTEGER.test(source) ? BigInt(source) : value,
  );
}

/** Writes bigints as integers. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? rawJson(member.toString()) : member,
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
  return parseNumbers(text, (_value, source) => new NumberText(source));
}

/** Writes NumberTexts as they were. */
export function stringifyNumberTexts(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    member instanceof NumberText ? rawJson(member.source) : member,
  );
}
