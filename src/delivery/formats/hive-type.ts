import { DeliveryConfigurationError } from '../configuration-error.ts';
import { formatLimits } from './limits.ts';

/** A column's type in Hive's and Glue's syntax: `array<struct<sku:string,count:int>>`. */
export type HiveType =
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 64 }
  | { readonly kind: 'float' | 'double' | 'boolean' | 'binary' | 'date' | 'timestamp' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'text'; readonly charactersMax?: number }
  | { readonly kind: 'array'; readonly element: HiveType }
  | { readonly kind: 'map'; readonly key: HiveType; readonly value: HiveType }
  | { readonly kind: 'struct'; readonly fields: readonly HiveField[] };

export interface HiveField {
  readonly name: string;
  readonly type: HiveType;
}

const simple: Readonly<Record<string, HiveType>> = {
  tinyint: { kind: 'integer', bits: 8 },
  smallint: { kind: 'integer', bits: 16 },
  int: { kind: 'integer', bits: 32 },
  integer: { kind: 'integer', bits: 32 },
  bigint: { kind: 'integer', bits: 64 },
  float: { kind: 'float' },
  double: { kind: 'double' },
  'double precision': { kind: 'double' },
  boolean: { kind: 'boolean' },
  string: { kind: 'text' },
  binary: { kind: 'binary' },
  date: { kind: 'date' },
  timestamp: { kind: 'timestamp' },
  decimal: { kind: 'decimal', precision: 10, scale: 0 },
};

const DECIMAL_DIGITS_MAX = 38;
const CHAR_MAX = 255;
const VARCHAR_MAX = 65_535;

/** Parses the columns of a table. Throws DeliveryConfigurationError for types that cannot be written as Parquet. */
export function parseColumns(
  columns: readonly { readonly name: string; readonly type: string }[],
): HiveField[] {
  if (columns.length === 0) throw new DeliveryConfigurationError('The table has no columns.');
  checkNames(columns.map(({ name }) => name));
  return columns.map(({ name, type }) => {
    const parser = new TypeParser(name, type);
    return { name, type: parser.whole() };
  });
}

/** The number of Parquet columns that the types need. */
export function leavesOf(fields: readonly HiveField[]): number {
  return fields.reduce((sum, { type }) => sum + leaves(type), 0);
}

function leaves(type: HiveType): number {
  if (type.kind === 'array') return leaves(type.element);
  if (type.kind === 'map') return leaves(type.key) + leaves(type.value);
  return type.kind === 'struct' ? leavesOf(type.fields) : 1;
}

function checkNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw new DeliveryConfigurationError(`Column or field ${name} is defined twice.`);
    seen.add(lower);
  }
}

class TypeParser {
  readonly #column: string;
  readonly #text: string;
  #at = 0;

  constructor(column: string, text: string) {
    this.#column = column;
    this.#text = text;
  }

  whole(): HiveType {
    const type = this.#type(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#refuse();
    return type;
  }

  #type(depth: number): HiveType {
    if (depth > formatLimits.typeDepthMax) this.#refuse();
    const name = this.#match(/[a-z]+(?:\s+precision)?/iy)
      .toLowerCase()
      .replace(/\s+/, ' ');
    switch (name) {
      case 'array':
        return { kind: 'array', element: this.#inBrackets(() => this.#type(depth + 1)) };
      case 'map':
        return this.#inBrackets(() => this.#map(depth + 1));
      case 'struct':
        return this.#inBrackets(() => this.#struct(depth + 1));
      case 'char':
        return { kind: 'text', charactersMax: this.#length(CHAR_MAX) };
      case 'varchar':
        return { kind: 'text', charactersMax: this.#length(VARCHAR_MAX) };
      case 'decimal':
        return this.#decimal();
      default:
        return (Object.hasOwn(simple, name) ? simple[name] : undefined) ?? this.#refuse();
    }
  }

  #map(depth: number): HiveType {
    const key = this.#type(depth);
    if (key.kind === 'array' || key.kind === 'map' || key.kind === 'struct') this.#refuse();
    this.#sign(',');
    return { kind: 'map', key, value: this.#type(depth) };
  }

  #struct(depth: number): HiveType {
    const fields: HiveField[] = [];
    do {
      const name = this.#fieldName();
      this.#sign(':');
      fields.push({ name, type: this.#type(depth) });
    } while (this.#isNext(','));
    checkNames(fields.map(({ name }) => name));
    return { kind: 'struct', fields };
  }

  #fieldName(): string {
    this.#skipSpace();
    if (this.#text[this.#at] !== '`') return this.#match(/[^\s:<>,`]+/y);
    return this.#match(/`(?:[^`]|``)+`/y)
      .slice(1, -1)
      .replaceAll('``', '`');
  }

  #decimal(): HiveType {
    if (!this.#isNext('(')) return { kind: 'decimal', precision: 10, scale: 0 };
    const precision = this.#number();
    const scale = this.#isNext(',') ? this.#number() : 0;
    this.#sign(')');
    if (precision < 1 || precision > DECIMAL_DIGITS_MAX || scale > precision) this.#refuse();
    return { kind: 'decimal', precision, scale };
  }

  #length(max: number): number {
    this.#sign('(');
    const length = this.#number();
    this.#sign(')');
    return length < 1 || length > max ? this.#refuse() : length;
  }

  #number(): number {
    return Number(this.#match(/\d{1,5}/y));
  }

  #inBrackets<Result>(read: () => Result): Result {
    this.#sign('<');
    const result = read();
    this.#sign('>');
    return result;
  }

  #sign(sign: string): void {
    if (!this.#isNext(sign)) this.#refuse();
  }

  #isNext(sign: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string {
    this.#skipSpace();
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? this.#refuse();
    this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #refuse(): never {
    throw new DeliveryConfigurationError(
      `Column ${this.#column} has the type ${this.#text}, which cannot be written as Parquet.`,
    );
  }
}
