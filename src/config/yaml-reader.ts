import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { closest } from '../support/closest.ts';

const require = createRequire(import.meta.url);

/** Loaded only when there is a file to read: its many modules would slow down the start. */
function yaml(): typeof Yaml {
  // A module required at run time has no static type.
  return require('yaml') as typeof Yaml;
}

/** The JSON Schema of a value, for editors. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Readers convert a YAML node to a checked value and record every problem with its line and the accepted values, so
 * that all mistakes of a file are reported at once. The schema tells editors the same.
 */
export interface YamlReader<Value> {
  (node: unknown, place: YamlLocation): Value | undefined;
  readonly schema: JsonSchema;
}

export function reader<Value>(
  schema: JsonSchema,
  read: (node: unknown, place: YamlLocation) => Value | undefined,
): YamlReader<Value> {
  return Object.assign((node: unknown, place: YamlLocation) => read(node, place), { schema });
}

/** The same reader, with a description for editors. */
export function described<Value>(description: string, read: YamlReader<Value>): YamlReader<Value> {
  return reader({ description, ...read.schema }, read);
}

export type ValueOf<R> = R extends YamlReader<infer Value> ? Value : never;

/** A reader's place in the file; problems are recorded with it. */
export class YamlLocation {
  /** Such as `streams.orders`; empty for the file itself. */
  readonly path: string;
  readonly #file: YamlFile;
  readonly #node: unknown;

  constructor(file: YamlFile, path: string, node: unknown) {
    this.#file = file;
    this.path = path;
    this.#node = node;
  }

  pathOf(step: string): string {
    return this.path === '' ? step : `${this.path}.${step}`;
  }

  /** The place of a key or an element; a value without a node is reported at this place's line. */
  within(step: string, node: unknown): YamlLocation {
    const path = this.pathOf(step);
    this.#file.remember(path, node ?? this.#node);
    return new YamlLocation(this.#file, path, node ?? this.#node);
  }

  /** Number of problems recorded so far, in the whole file. */
  get problemCount(): number {
    return this.#file.found.length;
  }

  problem(text: string): undefined {
    this.#file.problem(this.path, this.#node, `${this.path === '' ? 'the file' : this.path} ${text}`);
    return undefined;
  }

  /** The value of a node with all that is in it; undefined for none. */
  valueOf(node: unknown): unknown {
    return yaml().isNode(node) ? node.toJS(this.#file.document) : undefined;
  }

  /** Follows aliases to the node that they stand for. */
  resolve(node: unknown): unknown {
    return yaml().isAlias(node) ? node.resolve(this.#file.document) : node;
  }
}

/** A problem of a file, with its line. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** The messages of problems, in the order of their lines. */
export function inOrder(problems: readonly Problem[]): string[] {
  return problems.toSorted((left, right) => left.line - right.line).map(({ text: line }) => line);
}

export class YamlFile {
  readonly document: Yaml.Document;
  /** The file's name in messages. */
  readonly name: string;
  readonly #problems: Problem[] = [];
  readonly #nodes = new Map<string, unknown>();
  readonly #lines = new (yaml().LineCounter)();

  constructor(name: string, content: string) {
    this.name = name;
    this.document = yaml().parseDocument(content, { lineCounter: this.#lines, uniqueKeys: false });
    for (const error of this.document.errors) {
      this.#note('', error.linePos?.[0].line ?? 1, firstLine(error.message));
    }
  }

  get found(): readonly Problem[] {
    return this.#problems;
  }

  read<Value>(read: YamlReader<Value>): Value | undefined {
    const root = this.document.contents;
    return read(root, new YamlLocation(this, '', root));
  }

  remember(path: string, node: unknown): void {
    this.#nodes.set(path, node);
  }

  /** The line of the value at a path such as `streams.orders`. */
  lineOf(path: string): number {
    return this.#lineOf(this.#nodes.get(path));
  }

  problem(path: string, node: unknown, what: string): void {
    this.#note(path, this.#lineOf(node), what);
  }

  #note(path: string, line: number, what: string): void {
    this.#problems.push({ path, line, text: `${this.name}:${line}: ${what}` });
  }

  #lineOf(node: unknown): number {
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
    const offset: unknown = Array.isArray(range) ? range[0] : 0;
    return typeof offset === 'number' ? Math.max(this.#lines.linePos(offset).line, 1) : 1;
  }
}

/** The parser's messages end with an excerpt of the line. */
function firstLine(text: string): string {
  return (text.split('\n')[0] ?? text).replace(/ at line \d+, column \d+:?$/, '');
}

function scalar(node: unknown, place: YamlLocation): unknown {
  const resolved = place.resolve(node);
  return yaml().isScalar(resolved) ? resolved.value : undefined;
}

/** A string. `expects` describes which strings are accepted. */
export function text(
  expects = 'a text',
  accepts: (value: string) => boolean = () => true,
): YamlReader<string> {
  return reader({ type: 'string' }, (node, place) => {
    const value = scalar(node, place);
    if (typeof value === 'string' && accepts(value)) return value;
    return place.problem(`must be ${expects}${typeof value === 'number' ? '; quote the number' : ''}`);
  });
}

export function oneOf<const Word extends string>(...words: readonly Word[]): YamlReader<Word> {
  return reader({ enum: words }, (node, place) => {
    const value = scalar(node, place);
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    const meant = typeof value === 'string' ? closest(value, words) : undefined;
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return place.problem(`must be one of ${words.join(', ')}${hint}`);
  });
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): YamlReader<number> {
  const bounds =
    least === Number.MIN_SAFE_INTEGER
      ? ''
      : most === Number.MAX_SAFE_INTEGER
        ? ` of at least ${least}`
        : ` from ${least} to ${most}`;
  const maximum = most === Number.MAX_SAFE_INTEGER ? {} : { maximum: most };
  const minimum = least === Number.MIN_SAFE_INTEGER ? {} : { minimum: least };
  return reader({ type: 'integer', ...minimum, ...maximum }, (node, place) => {
    const value = scalar(node, place);
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    return place.problem(`must be a whole number${bounds}`);
  });
}

/** A limit: `none` is Infinity. */
export function numberOrNone(least: number): YamlReader<number> {
  return reader({ anyOf: [{ type: 'integer', minimum: least }, { const: 'none' }] }, (node, place) => {
    const value = scalar(node, place);
    if (value === 'none') return Infinity;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
    return place.problem(`must be a whole number of at least ${least}, or none`);
  });
}

export const number: YamlReader<number> = reader({ type: 'number' }, (node, place) => {
  const value = scalar(node, place);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return place.problem('must be a number');
});

export const yesOrNo: YamlReader<boolean> = reader({ type: 'boolean' }, (node, place) => {
  const value = scalar(node, place);
  return typeof value === 'boolean' ? value : place.problem('must be true or false');
});

/** A time in ISO 8601. */
export const moment: YamlReader<Date> = reader({ type: 'string', format: 'date-time' }, (node, place) => {
  const value = scalar(node, place);
  const isIso = typeof value === 'string' && /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(value);
  const time = isIso ? new Date(value) : undefined;
  if (time !== undefined && !Number.isNaN(time.getTime())) return time;
  return place.problem('must be a time such as 2026-11-01T09:30:00Z');
});

/** The value of an environment variable; unquoted numbers and booleans are accepted as text. */
export const variable: YamlReader<string> = reader(
  { type: ['string', 'number', 'boolean'] },
  (node, place) => {
    const resolved = place.resolve(node);
    if (yaml().isScalar(resolved) && resolved.value !== null && resolved.source !== undefined)
      return resolved.source;
    return place.problem('must be a text, a number or a boolean');
  },
);

/** One value or a list, returned as text with commas, which is the form of flags and environment variables. */
export const variables: YamlReader<string> = reader(
  { anyOf: [variable.schema, { type: 'array', items: variable.schema }] },
  (node, place) => {
    if (!yaml().isSeq(place.resolve(node))) return variable(node, place);
    return listOf(variable)(node, place)?.join(',');
  },
);

export function listOf<Value>(element: YamlReader<Value>): YamlReader<readonly Value[]> {
  return reader({ type: 'array', items: element.schema }, (node, place) => {
    const resolved = place.resolve(node);
    if (!yaml().isSeq(resolved)) return place.problem('must be a list');
    const values: Value[] = [];
    for (const [index, item] of resolved.items.entries()) {
      const value = element(item, place.within(`${index}`, item));
      if (value !== undefined) values.push(value);
    }
    return values;
  });
}

/** A map, or a word that abbreviates a common one. */
export function wordOr<Word, Value>(
  word: YamlReader<Word>,
  map: YamlReader<Value>,
): YamlReader<Word | Value> {
  return reader({ anyOf: [word.schema, map.schema] }, (node, place) =>
    yaml().isScalar(place.resolve(node)) ? word(node, place) : map(node, place),
  );
}

/** A list, or a map with more about each. */
export function listOr<List, Value>(
  list: YamlReader<List>,
  map: YamlReader<Value>,
): YamlReader<List | Value> {
  return reader({ anyOf: [list.schema, map.schema] }, (node, place) =>
    yaml().isSeq(place.resolve(node)) ? list(node, place) : map(node, place),
  );
}

/** A map whose keys are names chosen by the user. */
export function namesTo<Value>(entry: YamlReader<Value>): YamlReader<Readonly<Record<string, Value>>> {
  const schema = { type: ['object', 'null'], additionalProperties: entry.schema };
  return reader(schema, (node, place) => {
    const values: Record<string, Value> = {};
    for (const [name, value, at] of entries(node, place) ?? []) {
      const read = entry(value, at);
      if (read !== undefined) values[name] = read;
    }
    return values;
  });
}

export interface FieldReader<Value> {
  readonly read: YamlReader<Value>;
  /** The value of an absent key; undefined when the key is required. */
  readonly fallback?: Value;
}

/** A key that may be absent, and is then absent from the value as well. */
export interface OptionalField<Value> {
  readonly read: YamlReader<Value>;
  readonly mayBeAbsent: true;
}

export function required<Value>(read: YamlReader<Value>): FieldReader<Value> {
  return { read };
}

export function optional<Value>(read: YamlReader<Value>): OptionalField<Value> {
  return { read, mayBeAbsent: true };
}

export function withDefault<Value>(read: YamlReader<Value>, fallback: Value): FieldReader<Value> {
  return { read, fallback };
}

type FieldsValue<Fields> = {
  readonly [
    Name in keyof Fields as Fields[Name] extends OptionalField<unknown> ? never : Name
  ]: Fields[Name] extends FieldReader<infer Value> ? Value : never;
} & {
  readonly [
    Name in keyof Fields as Fields[Name] extends OptionalField<unknown> ? Name : never
  ]?: Fields[Name] extends OptionalField<infer Value> ? Value : never;
};

/** A map with known keys; an empty node counts as an empty map. Unknown keys are problems, unless they are ignored. */
export function fields<
  Fields extends Readonly<Record<string, FieldReader<unknown> | OptionalField<unknown>>>,
>(known: Fields, others: 'refused' | 'ignored' = 'refused'): YamlReader<FieldsValue<Fields>> {
  return reader(schemaOf(known), (node, place) => {
    const given = new Map<string, { value: unknown; at: YamlLocation }>();
    for (const [key, value, at] of entries(node, place) ?? []) {
      if (Object.hasOwn(known, key)) given.set(key, { value, at });
      else if (others === 'refused') unknownKey(key, Object.keys(known), at);
    }
    const values: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(known)) {
      const entry = given.get(key);
      if (entry !== undefined) values[key] = field.read(entry.value, entry.at);
      else if ('mayBeAbsent' in field) continue;
      else if (field.fallback !== undefined) values[key] = field.fallback;
      else place.problem(`lacks "${key}"`);
    }
    // Each key was read by its field's reader; if one failed, a problem is recorded and the value is not used.
    return values as FieldsValue<Fields>;
  });
}

function schemaOf(
  known: Readonly<Record<string, FieldReader<unknown> | OptionalField<unknown>>>,
): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const necessary: string[] = [];
  for (const [name, field] of Object.entries(known)) {
    const fallback = 'fallback' in field && field.fallback !== undefined;
    properties[name] = fallback ? { default: field.fallback, ...field.read.schema } : field.read.schema;
    if (!fallback && !('mayBeAbsent' in field)) necessary.push(name);
  }
  const required = necessary.length === 0 ? {} : { required: necessary };
  const type = necessary.length === 0 ? ['object', 'null'] : 'object';
  return { type, properties, ...required, additionalProperties: false };
}

function unknownKey(key: string, known: readonly string[], at: YamlLocation): void {
  const meant = closest(key, known);
  at.problem(
    meant === undefined
      ? `is unknown; known keys: ${known.join(', ')}`
      : `is unknown; did you mean "${meant}"?`,
  );
}

export function entries(
  node: unknown,
  place: YamlLocation,
): [name: string, value: unknown, at: YamlLocation][] | undefined {
  const resolved = place.resolve(node);
  if (resolved === null || (yaml().isScalar(resolved) && resolved.value === null)) return [];
  if (!yaml().isMap(resolved)) return place.problem('must be a map of names to values');
  const names = new Set<string>();
  return resolved.items.map(({ key, value }) => {
    const name = yaml().isScalar(key) ? String(key.value) : String(key);
    const at = place.within(name, key);
    if (names.has(name)) at.problem('is given twice');
    names.add(name);
    return [name, value, at];
  });
}
