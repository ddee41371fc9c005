import { isRawJson } from '../support/json-source.ts';
import { consoleLimits } from './limits.ts';

/** What a filter sees of a record. */
export interface Filterable {
  readonly key: string;
  readonly shard: string;
  readonly size: number;
  readonly timeMs: number;
  /** The decoded record. */
  readonly text: () => string;
  /** Undefined if it has no structure. */
  readonly value: () => unknown;
}

export type Filter = (record: Filterable) => boolean;

/** The filter is not well-formed. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

/**
 * Compiles a filter: `key == "a" and (size > 100 or $.user.id == 5)`, where a bare word or a text is searched for in the
 * decoded record. It is interpreted, never run as code. Throws FilterError.
 */
export function compileFilter(source: string): Filter {
  if (source.length > consoleLimits.filterCharactersMax) {
    throw new FilterError(`The filter is longer than ${consoleLimits.filterCharactersMax} characters.`);
  }
  const parser = new Parser(tokensOf(source));
  return parser.all();
}

interface Token {
  readonly kind: 'word' | 'text' | 'operator';
  readonly text: string;
}

const TOKEN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(==|!=|>=|<=|!~|[=><~()])|([^\s"'=><~()!]+|!))/gy;

function tokensOf(source: string): Token[] {
  const text = source.trim();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) throw new FilterError(`Cannot read the filter from "${text.slice(at, at + 20)}" on.`);
    const [, double, single, operator, word] = found;
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll(/\\(.)/g, '$1') });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

const COMPARISONS = new Set(['==', '=', '!=', '>', '<', '>=', '<=', '~', '!~']);
const DEPTH_MAX = 50;

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  all(): Filter {
    const filter = this.#or();
    const left = this.#tokens[this.#at];
    if (left !== undefined) throw new FilterError(`Unexpected "${left.text}".`);
    return filter;
  }

  #or(): Filter {
    const parts = [this.#and()];
    while (this.#takes('or')) parts.push(this.#and());
    return parts.length === 1 && parts[0] !== undefined
      ? parts[0]
      : (record) => parts.some((one) => one(record));
  }

  #and(): Filter {
    const parts = [this.#not()];
    for (;;) {
      const next = this.#tokens[this.#at];
      if (next === undefined || next.text === ')' || isWord(next, 'or')) break;
      this.#takes('and');
      parts.push(this.#not());
    }
    return parts.length === 1 && parts[0] !== undefined
      ? parts[0]
      : (record) => parts.every((one) => one(record));
  }

  #not(): Filter {
    if (!this.#takes('not')) return this.#term();
    const inner = this.#not();
    return (record) => !inner(record);
  }

  #term(): Filter {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new FilterError('The filter ends too early.');
    if (token.kind === 'operator' && token.text === '(') return this.#group();
    if (token.kind === 'operator') throw new FilterError(`Unexpected "${token.text}".`);
    const operator = this.#tokens[this.#at];
    if (operator?.kind !== 'operator' || !COMPARISONS.has(operator.text)) return contains(token.text);
    this.#at++;
    const operand = this.#tokens[this.#at++];
    if (operand === undefined || operand.kind === 'operator') {
      throw new FilterError(`"${token.text} ${operator.text}" needs a value.`);
    }
    return comparison(fieldOf(token.text), operator.text, operand.text);
  }

  #group(): Filter {
    if (++this.#depth > DEPTH_MAX) throw new FilterError('The filter is nested too deep.');
    const inner = this.#or();
    if (this.#tokens[this.#at++]?.text !== ')') throw new FilterError('A ")" is missing.');
    this.#depth--;
    return inner;
  }

  #takes(word: string): boolean {
    const isThere = isWord(this.#tokens[this.#at], word);
    if (isThere) this.#at++;
    return isThere;
  }
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === word;
}

function contains(text: string): Filter {
  const wanted = text.toLowerCase();
  return (record) =>
    record.text().toLowerCase().includes(wanted) || record.key.toLowerCase().includes(wanted);
}

type Field = (record: Filterable) => unknown;

function fieldOf(name: string): Field {
  if (name === 'key') return ({ key }) => key;
  if (name === 'shard') return ({ shard }) => shard;
  if (name === 'size') return ({ size }) => size;
  if (name === 'time') return TIME;
  if (name === 'text') return ({ text }) => text();
  if (!name.startsWith('$')) {
    throw new FilterError(
      `There is no field "${name}": use key, shard, size, time, text, or $.path.to.field.`,
    );
  }
  const path = name
    .slice(1)
    .split(/[.[\]]/)
    .filter((part) => part !== '');
  return ({ value }) => path.reduce<unknown>(member, value());
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name]; // it has it
}

function comparison(field: Field, operator: string, given: string): Filter {
  if (operator === '~' || operator === '!~') {
    const wanted = given.toLowerCase();
    const isIn = (value: unknown): boolean =>
      value !== undefined && textOf(value).toLowerCase().includes(wanted);
    return (record) => isIn(field(record)) === (operator === '~');
  }
  const isTime = field === TIME;
  const operand = isTime ? String(Date.parse(given)) : given;
  return (record) => {
    const value = field(record);
    if (value === undefined) return operator === '!=';
    const order = compare(textOf(value), operand);
    switch (operator) {
      case '=':
      case '==':
        return order === 0;
      case '!=':
        return order !== 0;
      case '>':
        return order > 0;
      case '<':
        return order < 0;
      case '>=':
        return order >= 0;
      default:
        return order <= 0;
    }
  };
}

const TIME: Field = ({ timeMs }) => timeMs;

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return isRawJson(value) ? value.rawJSON : JSON.stringify(value);
}

const INTEGER = /^-?\d+$/;

/** Integers of any length exactly, other numbers as doubles, everything else as texts. */
function compare(left: string, right: string): number {
  if (INTEGER.test(left) && INTEGER.test(right)) {
    const difference = BigInt(left) - BigInt(right);
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }
  const [a, b] = [left, right].map(Number);
  if (left !== '' && right !== '' && Number.isFinite(a) && Number.isFinite(b)) return (a ?? 0) - (b ?? 0);
  return left === right ? 0 : left < right ? -1 : 1;
}
