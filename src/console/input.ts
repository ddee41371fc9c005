import { badRequest } from './answers.ts';

/** Reads the members of what a page sends. All throw ConsoleError. */
export function member(input: unknown, name: string): unknown {
  if (typeof input !== 'object' || input === null || !Object.hasOwn(input, name)) return undefined;
  return (input as Readonly<Record<string, unknown>>)[name]; // it has it
}

export function textOf(input: unknown, name: string, fallback?: string): string {
  const value = member(input, name) ?? fallback;
  if (typeof value !== 'string') throw badRequest(`"${name}" must be a text.`);
  return value;
}

export function numberOf(input: unknown, name: string, fallback: number): number {
  const value = member(input, name) ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw badRequest(`"${name}" must be a whole number.`);
  }
  return value;
}

/** False if it is missing. */
export function flagOf(input: unknown, name: string): boolean {
  const value = member(input, name) ?? false;
  if (typeof value !== 'boolean') throw badRequest(`"${name}" must be true or false.`);
  return value;
}

const LIST_MAX = 1_000;

export function textsOf(input: unknown, name: string): string[] {
  const value = member(input, name) ?? [];
  if (!Array.isArray(value) || value.length > LIST_MAX)
    throw badRequest(`"${name}" must be a list of texts.`);
  return value.map((one: unknown) => {
    if (typeof one !== 'string') throw badRequest(`"${name}" must be a list of texts.`);
    return one;
  });
}

/** Sequence numbers by shard. */
export function positionsOf(input: unknown, name: string): Record<string, string> {
  const value = member(input, name) ?? {};
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length > LIST_MAX) throw badRequest(`"${name}" has too many members.`);
  return Object.fromEntries(
    entries.map(([shard, number]: [string, unknown]) => {
      if (typeof number !== 'string') throw badRequest(`"${name}" must have texts as members.`);
      return [shard, number];
    }),
  );
}
