import { NumberText, stringifyNumberTexts } from '../iceberg/exact-json.ts';
import { parseDate, parseTimestamp } from '../iceberg/time-text.ts';
import { RecordRefusal } from './errors.ts';
import type { ColumnType } from './table.ts';

/** A value of a row. Times, dates, UUIDs, exact numbers and JSON are texts. */
export type SqlValue = string | number | bigint | boolean | Uint8Array | null;

/** Converts a JSON value. Throws RecordRefusal. */
type Converter = (value: unknown, column: string) => SqlValue;

const INT32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const INT64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}(?:==)?|[A-Za-z\d+/]{3}=?)?$/;

export const converters: Readonly<Record<ColumnType, Converter>> = {
  text(value, column) {
    const text = typeof value === 'string' ? value : stringifyNumberTexts(value);
    return text.isWellFormed() ? text : refuse(column, 'a text of valid Unicode', value);
  },
  integer: (value, column) => Number(wholeNumber(value, column, INT32)),
  bigint: (value, column) => wholeNumber(value, column, INT64),
  double(value, column) {
    const number = value instanceof NumberText ? Number(value.source) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : refuse(column, 'a number', value);
  },
  numeric(value, column) {
    return numberSource(value) ?? refuse(column, 'a number', value);
  },
  boolean: (value, column) => (typeof value === 'boolean' ? value : refuse(column, 'true or false', value)),
  timestamp(value, column) {
    const source = numberSource(value);
    const isMs = source !== undefined && /^-?\d{1,15}$/.test(source);
    const micros = isMs
      ? BigInt(source) * 1000n
      : typeof value === 'string'
        ? parseTimestamp(value, 'timestamptz')
        : undefined;
    const text = micros === undefined ? undefined : timestampText(micros);
    const expected = 'a time with its zone such as 2026-11-29T01:02:03.456Z, or milliseconds since 1970';
    return text ?? refuse(column, expected, value);
  },
  date: (value, column) =>
    typeof value === 'string' && parseDate(value) !== undefined
      ? value
      : refuse(column, 'a date such as 2026-11-29', value),
  uuid: (value, column) =>
    typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : refuse(column, 'a UUID', value),
  json: (value) => stringifyNumberTexts(value),
  bytes: (value, column) =>
    typeof value === 'string' && BASE64.test(value)
      ? Buffer.from(value, 'base64')
      : refuse(column, 'a text of base64', value),
};

/** Formats a time in UTC, with microseconds if it has any. Undefined before the year 1 and after 9999. */
export function timestampText(micros: bigint): string | undefined {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const date = new Date(Number((micros - rest) / 1000n));
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) {
    return undefined;
  }
  const text = date.toISOString();
  return rest === 0n ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

function numberSource(value: unknown): string | undefined {
  if (value instanceof NumberText) return value.source;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

function wholeNumber(value: unknown, column: string, [min, max]: readonly [bigint, bigint]): bigint {
  const source = numberSource(value);
  const number = source !== undefined && /^-?\d{1,20}$/.test(source) ? BigInt(source) : undefined;
  if (number !== undefined && number >= min && number <= max) return number;
  return refuse(column, `a whole number from ${min} to ${max}`, value);
}

function refuse(column: string, expected: string, value: unknown): never {
  const kind = value instanceof NumberText ? 'number' : Array.isArray(value) ? 'array' : typeof value;
  throw new RecordRefusal(
    'Database.TypeMismatch',
    `The column ${column} expects ${expected}; the record has another value, of type ${kind}.`,
  );
}
