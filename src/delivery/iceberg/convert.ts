import { RecordRefusal } from './errors.ts';
import { NumberText } from './exact-json.ts';
import type { IcebergField, IcebergType, StructType } from './schema.ts';
import { parseDate, parseTime, parseTimestamp } from './time-text.ts';

/** A value for the Parquet writer. Null also stands for an absent value. */
export type ColumnValue = unknown;

/** Converts a value from JSON. Throws RecordRefusal, or InexactNumber. */
export type Converter = (value: unknown, column: string) => ColumnValue;

/**
 * A number that JSON.parse may have rounded. The record must be parsed with `parseWithNumberTexts` and converted again.
 */
export class InexactNumber extends Error {
  override readonly name = 'InexactNumber';
}

/** Creates the converter of a column, a field of a struct, or an element of a list. */
function converterOf(type: IcebergType): Converter {
  switch (type.kind) {
    case 'boolean':
      return (value, column) => (typeof value === 'boolean' ? value : refuse(column, 'true or false', value));
    case 'int':
      return (value, column) => Number(integer(value, column, -(2n ** 31n), 2n ** 31n - 1n));
    case 'long':
      return (value, column) => integer(value, column, -(2n ** 63n), 2n ** 63n - 1n);
    case 'float':
      return (value, column) => finite(Math.fround(numberOf(value, column)), column, value);
    case 'double':
      return (value, column) => finite(numberOf(value, column), column, value);
    case 'decimal':
      return (value, column) => decimal(value, column, type);
    case 'date':
      return (value, column) => fromText(value, column, 'a date such as 2024-01-31', parseDate);
    case 'time':
      return (value, column) => fromText(value, column, 'a time such as 23:59:59.999999', parseTime);
    case 'timestamp':
    case 'timestamptz':
      return timestampConverter(type.kind);
    case 'string':
      return (value, column) => stringOf(value, column);
    case 'uuid':
      return (value, column) => fromText(value, column, 'a UUID', parseUuid);
    case 'fixed':
      return (value, column) => bytesOf(value, column, type.length);
    case 'binary':
      return (value, column) => bytesOf(value, column, undefined);
    case 'struct':
      return structConverter(type);
    case 'list':
      return listConverter(type.element);
    case 'map':
      return mapConverter(type.key, type.value);
  }
}

/** Creates the converter of a field that may be absent. If the field is required, absent and null are refused. */
export function fieldConverter({ required, type }: IcebergField): Converter {
  const convert = converterOf(type);
  return (value, column) => {
    if (value !== undefined && value !== null) return convert(value, column);
    if (!required) return null;
    throw new RecordRefusal(
      'Iceberg.MissingColumnWithinRecord',
      `The record has no value for the required column ${column}.`,
    );
  };
}

function structConverter({ fields }: StructType): Converter {
  const converters = fields.map((field) => ({ name: field.name, convert: fieldConverter(field) }));
  return (value, column) => {
    const members = objectOf(value, column);
    // Keys without a field are ignored, as on AWS.
    return Object.fromEntries(
      converters.map(({ name, convert }) => [
        name,
        convert(Object.hasOwn(members, name) ? members[name] : undefined, `${column}.${name}`),
      ]),
    );
  };
}

function listConverter(element: IcebergField): Converter {
  const convert = fieldConverter(element);
  return (value, column) => {
    if (!Array.isArray(value)) return refuse(column, 'a list', value);
    return value.map((one: unknown) => convert(one, `${column}[]`));
  };
}

function mapConverter(key: IcebergField, value: IcebergField): Converter {
  const convertValue = fieldConverter(value);
  return (members, column) => {
    if (key.type.kind !== 'string') return refuse(column, 'a map whose keys are not texts', members);
    return Object.entries(objectOf(members, column)).map(([name, member]) => ({
      key: stringOf(name, column),
      value: convertValue(member, `${column}.${name}`),
    }));
  };
}

function timestampConverter(kind: 'timestamp' | 'timestamptz'): Converter {
  const expected =
    kind === 'timestamp'
      ? 'a time without offset such as 2024-01-31T23:59:59.999999, or microseconds since 1970'
      : 'a time with offset such as 2024-01-31T23:59:59.999999Z, or microseconds since 1970';
  return (value, column) =>
    typeof value === 'string'
      ? fromText(value, column, expected, (text) => parseTimestamp(text, kind))
      : integer(value, column, -(2n ** 63n), 2n ** 63n - 1n, expected);
}

function integer(
  value: unknown,
  column: string,
  min: bigint,
  max: bigint,
  expected = `an integer from ${min} to ${max}`,
): bigint {
  const exact = exactInteger(value);
  return exact === undefined || exact < min || exact > max ? refuse(column, expected, value) : exact;
}

function exactInteger(value: unknown): bigint | undefined {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return BigInt(value);
    if (Math.abs(value) >= 2 ** 53) throw new InexactNumber();
    return undefined;
  }
  if (!(value instanceof NumberText)) return undefined;
  const { digits, exponent } = decimalParts(value.source);
  return exponent < 0 ? undefined : scaled(digits, exponent);
}

/** Greater than the exponents that any column holds. Larger ones would fill the memory with zeros. */
const EXPONENT_MAX = 400;

function scaled(digits: bigint, exponent: number): bigint | undefined {
  return exponent > EXPONENT_MAX ? undefined : digits * 10n ** BigInt(exponent);
}

/** Converts a JSON number to digits times a power of ten, without trailing zeros. */
function decimalParts(source: string): { readonly digits: bigint; readonly exponent: number } {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  const significant = `${whole}${fraction}`.replace(/0+$/, '');
  const dropped = whole.length + fraction.length - significant.length;
  if (/^0*$/.test(significant)) return { digits: 0n, exponent: 0 };
  const digits = BigInt(significant);
  return {
    digits: sign === '-' ? -digits : digits,
    exponent: Number(exponent) - fraction.length + dropped,
  };
}

/**
 * Converts to the unscaled value. Accepts numbers and texts of numbers, because many producers write amounts as texts.
 */
function decimal(
  value: unknown,
  column: string,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): bigint {
  if (typeof value === 'number') throw new InexactNumber();
  const source = value instanceof NumberText ? value.source : value;
  const expected = `a number with at most ${precision - scale} digits before and ${scale} after the point`;
  if (typeof source !== 'string' || !/^-?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/.test(source))
    return refuse(column, expected, value);
  const { digits, exponent } = decimalParts(source);
  const unscaled = exponent + scale < 0 ? undefined : scaled(digits, exponent + scale);
  if (unscaled === undefined || magnitude(unscaled) >= 10n ** BigInt(precision))
    return refuse(column, expected, value);
  return unscaled;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function numberOf(value: unknown, column: string): number {
  if (typeof value === 'number') return value;
  return value instanceof NumberText ? Number(value.source) : refuse(column, 'a number', value);
}

function finite(number: number, column: string, value: unknown): number {
  return Number.isFinite(number) ? number : refuse(column, 'a number within the range of the column', value);
}

/** Parquet strings are UTF-8, which cannot encode lone surrogates. */
function stringOf(value: unknown, column: string): string {
  if (typeof value !== 'string') return refuse(column, 'a text', value);
  return value.isWellFormed() ? value : refuse(column, 'a text of valid Unicode', value);
}

function bytesOf(value: unknown, column: string, length: number | undefined): Buffer {
  const expected = length === undefined ? 'bytes in base64' : `${length} bytes in base64`;
  if (typeof value !== 'string') return refuse(column, expected, value);
  const bytes = Buffer.from(value, 'base64');
  const isWhole = bytes.toString('base64') === value;
  return isWhole && (length ?? bytes.length) === bytes.length ? bytes : refuse(column, expected, value);
}

function parseUuid(text: string): Buffer | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
    ? Buffer.from(text.replaceAll('-', ''), 'hex')
    : undefined;
}

function fromText<Value>(
  value: unknown,
  column: string,
  expected: string,
  parse: (text: string) => Value | undefined,
): Value {
  const parsed = typeof value === 'string' ? parse(value) : undefined;
  return parsed === undefined ? refuse(column, expected, value) : parsed;
}

function objectOf(value: unknown, column: string): Readonly<Record<string, unknown>> {
  if (!isObject(value)) return refuse(column, 'an object', value);
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
  );
}

const SHOWN_CHARACTERS_MAX = 100;

function refuse(column: string, expected: string, value: unknown): never {
  throw new RecordRefusal(
    'Iceberg.TypeMismatch',
    `The column ${column} expects ${expected}, not ${shown(value)}.`,
  );
}

/** Objects and lists may be nested too deeply for JSON.stringify. */
function shown(value: unknown): string {
  if (value instanceof NumberText) return value.source.slice(0, SHOWN_CHARACTERS_MAX);
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : JSON.stringify(value).slice(0, SHOWN_CHARACTERS_MAX);
}
