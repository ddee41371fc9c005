import { DeliveryConfigurationError } from '../configuration-error.ts';
import { fractionMicros, microsOf } from './times.ts';

const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june'].concat([
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]);
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  /** The hour of a 12-hour clock. */
  halfDayHour: number | undefined;
  isAfternoon: boolean;
  minute: number;
  second: number;
  micros: number;
  offsetMinutes: number;
}

/** One group of a pattern's regular expression, and how its text is used. */
interface Part {
  readonly source: string;
  readonly read?: (text: string, fields: Fields) => void;
}

type PartOf = (count: number) => Part | undefined;

const digits = (count: number): string => (count === 1 ? '(\\d{1,2})' : `(\\d{${count}})`);

function field(name: 'month' | 'day' | 'hour' | 'minute' | 'second'): PartOf {
  return (count) =>
    count > 2 ? undefined : { source: digits(count), read: (text, fields) => (fields[name] = Number(text)) };
}

/** The letters of Joda-Time's DateTimeFormat; the others (eras, weeks, days of the year, names of zones) are refused. */
const letters: Readonly<Record<string, PartOf>> = {
  y: year,
  Y: year,
  M(count) {
    if (count <= 2) return field('month')(count);
    return {
      source: nameSource(MONTHS, count),
      read: (text, fields) => (fields.month = indexOfName(MONTHS, text) + 1),
    };
  },
  d: field('day'),
  H: field('hour'),
  k: (count) =>
    count > 2
      ? undefined
      : { source: digits(count), read: (text, fields) => (fields.hour = Number(text) % 24) },
  h: halfDayHour,
  K: halfDayHour,
  a: () => ({
    source: '([ap]m)',
    read: (text, fields) => (fields.isAfternoon = text.toLowerCase() === 'pm'),
  }),
  m: field('minute'),
  s: field('second'),
  S: (count) =>
    count > 9
      ? undefined
      : { source: '(\\d{1,9})', read: (text, fields) => (fields.micros = fractionMicros(text)) },
  E: (count) => ({ source: nameSource(DAYS, count), read: () => {} }),
  Z: (count) =>
    count > 2
      ? undefined
      : {
          source: '(Z|[+-]\\d{2}:?\\d{2})',
          read: (text, fields) => (fields.offsetMinutes = offsetMinutes(text)),
        },
  z: (count) => (count > 3 ? undefined : { source: '(UTC|GMT|Z)', read: () => {} }),
};

function year(count: number): Part | undefined {
  if (count === 2) {
    // Joda-Time's pivot: within fifty years of 2000.
    return { source: '(\\d{2})', read: (text, fields) => (fields.year = 1950 + ((Number(text) + 50) % 100)) };
  }
  if (count > 4) return undefined;
  return { source: '(-?\\d{1,4})', read: (text, fields) => (fields.year = Number(text)) };
}

function halfDayHour(count: number): Part | undefined {
  if (count > 2) return undefined;
  return { source: digits(count), read: (text, fields) => (fields.halfDayHour = Number(text) % 12) };
}

function nameSource(names: readonly string[], count: number): string {
  const known = count > 3 ? names : names.map((name) => name.slice(0, 3));
  return `(${known.join('|')})`;
}

function indexOfName(names: readonly string[], text: string): number {
  return names.findIndex((name) => name.startsWith(text.toLowerCase().slice(0, 3)));
}

function offsetMinutes(text: string): number {
  if (text.toUpperCase() === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return text.startsWith('-') ? -minutes : minutes;
}

/**
 * Compiles a pattern of Joda-Time's DateTimeFormat to a parser. The parser returns microseconds since the epoch, in UTC
 * if the pattern has no offset, or undefined if the text does not match. Throws DeliveryConfigurationError for
 * unsupported letters.
 */
export function jodaParser(pattern: string): (text: string) => bigint | undefined {
  const parts = partsOf(pattern);
  // Groups have a bounded length, so that matching is always fast.
  const expression = new RegExp(`^${parts.map(({ source }) => source).join('')}$`, 'i');
  const readers = parts.flatMap(({ read }) => (read === undefined ? [] : [read]));
  return (text) => {
    const match = expression.exec(text);
    if (match === null) return undefined;
    const fields: Fields = {
      year: 1970,
      month: 1,
      day: 1,
      hour: 0,
      halfDayHour: undefined,
      isAfternoon: false,
      minute: 0,
      second: 0,
      micros: 0,
      offsetMinutes: 0,
    };
    for (const [index, read] of readers.entries()) read(match[index + 1] ?? '', fields);
    if (fields.halfDayHour !== undefined) fields.hour = fields.halfDayHour + (fields.isAfternoon ? 12 : 0);
    const micros = microsOf(fields);
    return micros === undefined ? undefined : micros - BigInt(fields.offsetMinutes) * 60_000_000n;
  };
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  for (const [token] of pattern.matchAll(/([a-zA-Z])\1*|'(?:[^']|'')*'?|[\s\S]/g)) {
    parts.push(/^[a-zA-Z]/.test(token) ? letterPart(token, pattern) : literalPart(token, pattern));
  }
  return parts;
}

function letterPart(token: string, pattern: string): Part {
  const letter = token[0] ?? '';
  const part = Object.hasOwn(letters, letter) ? letters[letter]?.(token.length) : undefined;
  if (part === undefined) {
    throw new DeliveryConfigurationError(
      `Invalid deserializer option(s): nagare does not support ${token} in the timestamp format ${pattern}`,
    );
  }
  return part;
}

function literalPart(token: string, pattern: string): Part {
  if (token.startsWith("'") && (token.length === 1 || !token.endsWith("'"))) {
    throw new DeliveryConfigurationError(
      `Invalid deserializer option(s): a quote is not closed in the timestamp format ${pattern}`,
    );
  }
  const text =
    token === "''" ? "'" : token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : token;
  return { source: text.replaceAll(/[-/\\^$*+?.()|[\]{}]/g, String.raw`\$&`) };
}
