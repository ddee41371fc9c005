import { JsonNumber } from './json-documents.ts';
import { invalidText, mismatch } from './malformed.ts';
import { numberText, parseDecimal, rescaled } from './numbers.ts';

const DAY_MS = 86_400_000;
const MICROS_PER_MS = 1000n;
/** As recorded on AWS: smaller numbers are seconds, the others milliseconds. */
const EPOCH_MILLIS_MIN = 1_000_000_000_000;
/** The range of microseconds in 64 bits. */
const MICROS_MAX = 2n ** 63n - 1n;
const MICROS_DIGITS_MAX = 19;

/** Converts the parts of a UTC time to microseconds since the epoch. Undefined if the time does not exist. */
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

/**
 * Converts a date to days since the epoch. Undefined if the date does not exist. Counts in eras of 400 years that begin
 * in March.
 */
export function daysOf(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Parses `2026-11-29` or `2026-1-9`. */
export function parseDate(text: string): number {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const days = match === null ? undefined : daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
  if (days === undefined) throw invalidText(text);
  return days;
}

const iso = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z?$/;
const spaced = /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?$/;

/** Parses the timestamps of the OpenX SerDe: two formats, and epoch seconds or milliseconds as numbers or texts. */
export function parseOpenXTimestamp(value: string | number | JsonNumber): bigint {
  if (typeof value !== 'string') return fromEpoch(value);
  const usual = usualTimestamp(value);
  if (usual !== undefined) return usual;
  const match = iso.exec(value) ?? spaced.exec(value);
  const micros = match === null ? undefined : matched(match);
  if (micros !== undefined) return micros;
  if (match !== null || parseDecimal(value.trim()) === undefined) throw invalidText(value);
  return fromEpoch(new JsonNumber(value.trim()));
}

/** Parses the two formats with two-digit parts without a regular expression, because most timestamps have this form. */
function usualTimestamp(text: string): bigint | undefined {
  const separator = text.charCodeAt(10);
  const isIso = separator === 0x54;
  if (text.length < 19 || text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return undefined;
  if ((!isIso && separator !== 0x20) || text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a)
    return undefined;
  const end = isIso && text.endsWith('Z') ? text.length - 1 : text.length;
  const fractionDigits = end - 20;
  if (end !== 19 && (text.charCodeAt(19) !== 0x2e || fractionDigits < 1 || fractionDigits > 9))
    return undefined;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 7);
  const day = digitsAt(text, 8, 10);
  const hour = digitsAt(text, 11, 13);
  const minute = digitsAt(text, 14, 16);
  const second = digitsAt(text, 17, 19);
  const scale = 10 ** Math.max(6 - fractionDigits, 0);
  const micros = end === 19 ? 0 : digitsAt(text, 20, Math.min(end, 26)) * scale;
  // Further digits are cut off, but must be digits.
  const rest = end > 26 ? digitsAt(text, 26, end) : 0;
  // NaN if one of them is not a number.
  if (Number.isNaN(year + month + day + hour + minute + second + micros + rest)) return undefined;
  return microsOf({ year, month, day, hour, minute, second, micros });
}

/** NaN if there is anything but digits. */
function digitsAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Parses as `java.sql.Timestamp.valueOf`, which the Hive SerDe uses if no format is given. */
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

/** Converts a fraction of a second to microseconds; further digits are cut off. */
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

/** Converts milliseconds since the epoch. */
export function fromMillis(value: string | number | JsonNumber): bigint {
  return scaledEpoch(typeof value === 'string' ? value.trim() : numberText(value), 3);
}

function scaledEpoch(text: string, unitDigits: number): bigint {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw invalidText(text);
  const micros = rescaled(parsed, unitDigits, MICROS_DIGITS_MAX);
  if (micros === undefined || micros > MICROS_MAX || micros < -MICROS_MAX)
    throw mismatch(`Value ${text} is out of range for a timestamp.`);
  return micros;
}
