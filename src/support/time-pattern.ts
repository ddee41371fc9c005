import { TimeZoneError, zoneOffset } from './time-zone.ts';

/**
 * Formats times by the patterns of Java's DateTimeFormatter, in English, with American weeks:
 * https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/time/format/DateTimeFormatter.html. The letters V
 * (zone id) and p (padding) are refused, as Amazon Data Firehose does; zone names (z and v) are known for UTC only.
 */
export type TimeFormatter = (timeMs: number) => string;

export class TimePatternError extends Error {
  override readonly name = 'TimePatternError';
}

interface Fields {
  /** The local time, as if it were UTC. */
  readonly date: Date;
  readonly offsetMinutes: number;
}

type Piece = string | ((fields: Fields) => string);

/** Throws TimePatternError. `timeZone` is an IANA name, `UTC` or an offset like `+09:00`. */
export function timeFormatter(pattern: string, timeZone: string): TimeFormatter {
  const offsetOf = offsetsOf(timeZone);
  const pieces = parsePattern(pattern, timeZone);
  return (timeMs) => {
    const offsetMinutes = offsetOf(timeMs);
    const fields = { date: new Date(timeMs + offsetMinutes * 60_000), offsetMinutes };
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(fields);
    return text;
  };
}

function offsetsOf(timeZone: string): (timeMs: number) => number {
  try {
    return zoneOffset(timeZone);
  } catch (error) {
    if (error instanceof TimeZoneError) throw new TimePatternError(error.message);
    throw error;
  }
}

function parsePattern(pattern: string, timeZone: string): Piece[] {
  const pieces: Piece[] = [];
  let optional = 0;
  for (const [token] of pattern.matchAll(/([A-Za-z])\1*|'(?:[^']|'')*'|[[\]]|[^A-Za-z'[\]]+|'/g)) {
    if (token === "'") throw new TimePatternError('a quote is not closed in a time pattern');
    if (token === '[') optional++;
    // A time has all fields, so optional sections are always printed.
    else if (token === ']' && --optional < 0)
      throw new TimePatternError('a time pattern has a ] without a [');
    else if (token === ']') continue;
    else if (token === "''") pieces.push("'");
    else if (token.startsWith("'")) pieces.push(token.slice(1, -1).replaceAll("''", "'"));
    else if (/^[A-Za-z]/.test(token)) pieces.push(letters(token, timeZone));
    else if (/[{}#]/.test(token))
      throw new TimePatternError('a time pattern has one of the reserved characters { } # outside quotes');
    else pieces.push(token);
  }
  return pieces;
}

function letters(token: string, timeZone: string): Piece {
  const letter = token.charAt(0);
  if (letter === 'z' || letter === 'v') return zoneName(token, timeZone);
  const forms = LETTERS[letter];
  const piece = forms === undefined ? undefined : forms(token.length, token);
  if (piece === undefined) {
    throw new TimePatternError(
      `the time pattern letters ${token} are not supported; use those of Java's DateTimeFormatter except V and p, and ` +
        `'quoted text'`,
    );
  }
  return piece;
}

/** The form of a letter that is repeated `width` times, or undefined if there is none. */
type Forms = (width: number, token: string) => Piece | undefined;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

function number(of: (date: Date) => number, widthMax: number): Forms {
  return (width) => (width > widthMax ? undefined : ({ date }) => pad(of(date), width));
}

function year(of: (date: Date) => number): Forms {
  return (width) => (width === 2 ? ({ date }) => pad(of(date) % 100, 2) : ({ date }) => pad(of(date), width));
}

/** One or two letters are a number; three to five are a short, a full and a narrow name. */
function named(of: (date: Date) => number, base: number, names: Names, from = 1): Forms {
  return (width) => {
    if (width < from) return undefined;
    if (width <= 2) return ({ date }) => pad(of(date) + base, width);
    const list = [names.short, names.full, names.narrow][width - 3];
    return list === undefined ? undefined : ({ date }) => list[of(date)] ?? '';
  };
}

interface Names {
  readonly short: readonly string[];
  readonly full: readonly string[];
  readonly narrow: readonly string[];
}

const cut = (full: readonly string[], length: number): string[] => full.map((name) => name.slice(0, length));

const MONTH_NAMES = 'January February March April May June July August September October November December';
const MONTHS_FULL = MONTH_NAMES.split(' ');
const MONTHS: Names = { full: MONTHS_FULL, short: cut(MONTHS_FULL, 3), narrow: cut(MONTHS_FULL, 1) };
const DAYS_FULL = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const DAYS: Names = { full: DAYS_FULL, short: cut(DAYS_FULL, 3), narrow: cut(DAYS_FULL, 1) };
const QUARTERS: Names = {
  short: ['Q1', 'Q2', 'Q3', 'Q4'],
  full: ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter'],
  narrow: ['1', '2', '3', '4'],
};

const DAY_MS = 86_400_000;
/** The modified Julian day of 1970-01-01. */
const EPOCH_MODIFIED_JULIAN = 40_587;

const hour = (date: Date): number => date.getUTCHours();
const month = (date: Date): number => date.getUTCMonth();
const quarter = (date: Date): number => Math.floor(date.getUTCMonth() / 3);
const weekday = (date: Date): number => date.getUTCDay();
const milliOfDay = (date: Date): number => date.getTime() - Math.floor(date.getTime() / DAY_MS) * DAY_MS;

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
}

/** The first day, a Sunday, of the week with January 1 of a year, in days since 1970. */
function firstWeek(ofYear: number): number {
  const newYear = Date.UTC(ofYear, 0, 1);
  return newYear / DAY_MS - new Date(newYear).getUTCDay();
}

function weekYear(date: Date): number {
  const next = date.getUTCFullYear() + 1;
  return date.getTime() / DAY_MS >= firstWeek(next) ? next : next - 1;
}

function weekOfYear(date: Date): number {
  return Math.floor((Math.floor(date.getTime() / DAY_MS) - firstWeek(weekYear(date))) / 7) + 1;
}

function weekOfMonth(date: Date): number {
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  return Math.floor((date.getUTCDate() - 1 + new Date(first).getUTCDay()) / 7) + 1;
}

function periodOfDay({ date }: Fields, narrow: boolean): string {
  const at = hour(date);
  const exact = date.getUTCMinutes() === 0;
  if (exact && at === 0) return narrow ? 'mi' : 'midnight';
  if (exact && at === 12) return narrow ? 'n' : 'noon';
  if (at < 6 || at >= 21) return 'at night';
  if (at < 12) return 'in the morning';
  return at < 18 ? 'in the afternoon' : 'in the evening';
}

const LETTERS: Readonly<Record<string, Forms>> = {
  G: (width) => (width > 5 ? undefined : width === 4 ? 'Anno Domini' : width === 5 ? 'A' : 'AD'),
  y: year((date) => date.getUTCFullYear()),
  u: year((date) => date.getUTCFullYear()),
  Y: year(weekYear),
  D: number(dayOfYear, 3),
  Q: named(quarter, 1, QUARTERS),
  q: named(quarter, 1, QUARTERS),
  M: named(month, 1, MONTHS),
  L: named(month, 1, MONTHS),
  w: number(weekOfYear, 2),
  W: number(weekOfMonth, 1),
  d: number((date) => date.getUTCDate(), 2),
  F: number((date) => Math.floor((date.getUTCDate() - 1) / 7) + 1, 1),
  g: number((date) => Math.floor(date.getTime() / DAY_MS) + EPOCH_MODIFIED_JULIAN, 19),
  E: (width, token) => (width < 3 ? LETTERS['e']?.(3, token) : LETTERS['e']?.(width, token)),
  e: named(weekday, 1, DAYS),
  c: (width, token) => (width === 2 ? undefined : LETTERS['e']?.(width, token)),
  a: (width) => (width > 1 ? undefined : ({ date }) => (hour(date) < 12 ? 'AM' : 'PM')),
  B: (width) =>
    width === 1 || width === 4 || width === 5 ? (fields) => periodOfDay(fields, width === 5) : undefined,
  H: number(hour, 2),
  k: number((date) => hour(date) || 24, 2),
  K: number((date) => hour(date) % 12, 2),
  h: number((date) => hour(date) % 12 || 12, 2),
  m: number((date) => date.getUTCMinutes(), 2),
  s: number((date) => date.getUTCSeconds(), 2),
  S: (width) =>
    width > 9 ? undefined : ({ date }) => pad(date.getUTCMilliseconds(), 3).padEnd(9, '0').slice(0, width),
  A: number(milliOfDay, 19),
  n: number((date) => date.getUTCMilliseconds() * 1_000_000, 19),
  N: number((date) => milliOfDay(date) * 1_000_000, 19),
  O: (width) => (width === 1 || width === 4 ? (fields) => localizedOffset(fields, width === 1) : undefined),
  X: (width) => (width > 5 ? undefined : offset(width, 'Z')),
  x: (width) => (width > 5 ? undefined : offset(width, undefined)),
  Z: (width) => {
    if (width > 5) return undefined;
    if (width === 4) return (fields) => localizedOffset(fields, false);
    return width === 5 ? offset(5, 'Z') : offset(2, undefined);
  },
};

/** 1: `+09` or `+0530`; 2 and 4: `+0900`; 3 and 5: `+09:00`. `zero` is the text for UTC, if it is no number. */
function offset(width: number, zero: string | undefined): Piece {
  return ({ offsetMinutes }) => {
    if (offsetMinutes === 0 && zero !== undefined) return zero;
    const { sign, hours, minutes } = offsetParts(offsetMinutes);
    if (width === 1) return sign + hours + (minutes === '00' ? '' : minutes);
    return sign + hours + (width === 3 || width === 5 ? ':' : '') + minutes;
  };
}

/** `GMT+9` or `GMT+09:00`. */
function localizedOffset({ offsetMinutes }: Fields, short: boolean): string {
  if (offsetMinutes === 0) return 'GMT';
  const { sign, hours, minutes } = offsetParts(offsetMinutes);
  if (!short) return `GMT${sign}${hours}:${minutes}`;
  return `GMT${sign}${Number(hours)}${minutes === '00' ? '' : `:${minutes}`}`;
}

function offsetParts(offsetMinutes: number) {
  const distance = Math.abs(offsetMinutes);
  return {
    sign: offsetMinutes < 0 ? '-' : '+',
    hours: pad(Math.trunc(distance / 60), 2),
    minutes: pad(distance % 60, 2),
  };
}

function zoneName(token: string, timeZone: string): Piece {
  if (timeZone !== 'UTC') {
    throw new TimePatternError(
      `the time pattern letters ${token} (the name of a zone) are only supported for UTC; use XXX or O for an offset`,
    );
  }
  if (token === 'v' || (token.startsWith('z') && token.length <= 3)) return 'UTC';
  if (token === 'zzzz' || token === 'vvvv') return 'Coordinated Universal Time';
  throw new TimePatternError(`the time pattern letters ${token} are not supported`);
}
