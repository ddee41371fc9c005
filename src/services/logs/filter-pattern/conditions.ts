import { invalidParameter, unsupportedOption } from '../errors.ts';

/** Whether a message matches. */
export type MessageFilter = (message: string) => boolean;

/** A value that a condition compares: of a field of text, or of a property of JSON; undefined if there is none. */
export type Comparison = (value: unknown) => boolean;

/** A condition with its `&&`, `||` and brackets. */
export type Condition<Subject> = (subject: Subject) => boolean;

export function invalidPattern(): Error {
  return invalidParameter('Invalid filter pattern');
}

/** Takes tokens from a pattern. */
export class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Takes what the expression matches here, after white space; undefined if it does not match. */
  take(expression: RegExp): string | undefined {
    this.#at += /^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
    const [found] =
      new RegExp(`^(?:${expression.source})`, expression.flags).exec(this.#text.slice(this.#at)) ?? [];
    if (found === undefined || found === '') return undefined;
    this.#at += found.length;
    return found;
  }

  expect(expression: RegExp): string {
    const found = this.take(expression);
    if (found === undefined) throw invalidPattern();
    return found;
  }

  expectEnd(): void {
    if (this.#text.slice(this.#at).trim() !== '') throw invalidPattern();
  }
}

/** `||` binds weaker than `&&`. */
export function readCondition<Subject>(
  reader: PatternReader,
  simple: (reader: PatternReader) => Condition<Subject>,
): Condition<Subject> {
  const alternatives = [readAll(reader, simple)];
  while (reader.take(/\|\|/) !== undefined) alternatives.push(readAll(reader, simple));
  return (subject) => alternatives.some((each) => each(subject));
}

function readAll<Subject>(
  reader: PatternReader,
  simple: (reader: PatternReader) => Condition<Subject>,
): Condition<Subject> {
  const conditions = [readOne(reader, simple)];
  while (reader.take(/&&/) !== undefined) conditions.push(readOne(reader, simple));
  return (subject) => conditions.every((each) => each(subject));
}

function readOne<Subject>(
  reader: PatternReader,
  simple: (reader: PatternReader) => Condition<Subject>,
): Condition<Subject> {
  if (reader.take(/\(/) === undefined) return simple(reader);
  const inner = readCondition(reader, simple);
  reader.expect(/\)/);
  return inner;
}

const OPERATOR = /!=|>=|<=|=|>|</;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Reads an operator and its operand; undefined if there is no operator here. */
export function readComparison(reader: PatternReader, bareOperand: RegExp): Comparison | undefined {
  const operator = reader.take(OPERATOR);
  if (operator === undefined) return undefined;
  const operand = reader.expect(new RegExp(`"(?:[^"\\\\]|\\\\.)*"|${bareOperand.source}`));
  if (operand.startsWith('%')) throw unsupportedOption('regular expressions in filter patterns');
  const isQuoted = operand.startsWith('"');
  const text = isQuoted ? operand.slice(1, -1).replaceAll(/\\(.)/g, '$1') : operand;
  const isNumber = !isQuoted && NUMBER.test(text);
  if (operator === '=' || operator === '!=') {
    const equals = isNumber ? equalsNumber(Number(text)) : matchesText(text);
    return (value) => isComparable(value) && equals(value) === (operator === '=');
  }
  if (!isNumber) throw invalidPattern();
  return ordered(operator, Number(text));
}

function isComparable(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function equalsNumber(number: number): (value: unknown) => boolean {
  return (value) => numberOf(value) === number;
}

function ordered(operator: string, bound: number): Comparison {
  return (value) => {
    const number = numberOf(value);
    if (number === undefined) return false;
    if (operator === '>') return number > bound;
    if (operator === '>=') return number >= bound;
    return operator === '<' ? number < bound : number <= bound;
  };
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : undefined;
}

/** `*` stands for any text. */
export function matchesText(pattern: string): (value: unknown) => boolean {
  const parts = pattern.split('*');
  return (value) => {
    const text = String(value);
    const [first = '', ...rest] = parts;
    if (rest.length === 0) return text === first;
    const last = rest.pop() ?? '';
    if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
      return false;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= text.length - last.length;
  };
}
