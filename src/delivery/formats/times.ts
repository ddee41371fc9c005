import { JsonNumber } from './json-documents.ts';
import { invalidText, mismatch } from './malformed.ts';
import { numberText, parseDecimal, rescaled } from './numbers.ts';

const DAY_MS = 86_400_000;
const MICROS_PER_MS = 1000n;
/** As recorded on AWS: smaller numbers are seconds, the others milliseconds. */
const EPOCH_MILLIS_MIN = 1_000_000_000_000;
/** More milliseconds do not fit into 64 bits of microseconds. */
const EPOCH_DIGITS_MAX = 18;

/** A moment in UTC by its parts, as microseconds since the epoch; undefined when there is no such moment. */
export function microsOf(parts: {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly micros?: number;
}): bigint | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0, micros = 0 } = parts;
  const date = daysOf(year, month, day);
  if (date === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  const ms = date * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
  return BigInt(ms) * MICROS_PER_MS + BigInt(micros);
}

/** Days since the epoch; undefined when there is no such day. */
export function daysOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.getTime() / DAY_MS;
}

/** `2026-11-29` or `2026-1-9`. */
export function parseDate(text: string): number {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const days = match === null ? undefined : daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
  if (days === undefined) throw invalidText(text);
  return days;
}

const iso = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z?$/;
const spaced = /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?$/;

/** What the OpenX SerDe takes: two formats, and epoch seconds or milliseconds as numbers or texts. */
export function parseOpenXTimestamp(value: string | number | JsonNumber): bigint {
  if (typeof value !== 'string') return fromEpoch(value);
  const match = iso.exec(value) ?? spaced.exec(value);
  const micros = match === null ? undefined : matched(match);
  if (micros !== undefined) return micros;
  if (match !== null || parseDecimal(value.trim()) === undefined) throw invalidText(value);
  return fromEpoch(new JsonNumber(value.trim()));
}

/** `java.sql.Timestamp.valueOf`, which the Hive SerDe uses where no format is given. */
export function parseSqlTimestamp(value: string | number | JsonNumber): bigint {
  const text = typeof value === 'string' ? value : numberText(value);
  const match = spaced.exec(text);
  const micros = match === null ? undefined : matched(match);
  if (micros === undefined) {
    throw mismatch('Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff]');
  }
  return micros;
}

function matched([, year, month, day, hour, minute, second, fraction = '']: RegExpExecArray):
  | bigint
  | undefined {
  return microsOf({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    micros: fractionMicros(fraction),
  });
}

/** Of a fraction of a second; what is finer than a microsecond is cut off. */
export function fractionMicros(fraction: string): number {
  return Number(fraction.slice(0, 6).padEnd(6, '0'));
}

function fromEpoch(value: number | JsonNumber): bigint {
  const exact = typeof value === 'number' ? value : Number(value.text);
  const unitDigits = Math.abs(exact) < EPOCH_MILLIS_MIN ? 6 : 3;
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    return BigInt(value) * (unitDigits === 6 ? 1_000_000n : 1000n);
  }
  return scaledEpoch(numberText(value), unitDigits);
}

/** Milliseconds since the epoch. */
export function fromMillis(value: string | number | JsonNumber): bigint {
  return scaledEpoch(typeof value === 'string' ? value.trim() : numberText(value), 3);
}

function scaledEpoch(text: string, unitDigits: number): bigint {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw invalidText(text);
  const micros = rescaled(parsed, unitDigits, EPOCH_DIGITS_MAX);
  if (micros === undefined) throw mismatch(`Value ${text} is out of range for a timestamp.`);
  return micros;
}
