/** Parses dates and times: https://iceberg.apache.org/spec/#json-single-value-serialization */

const DAY_MS = 86_400_000;
const DATE = '(\\d{4})-(\\d{2})-(\\d{2})';
const TIME = '(\\d{2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9}))?)?';

const datePattern = new RegExp(`^${DATE}$`);
const timePattern = new RegExp(`^${TIME}$`);
const timestampPattern = new RegExp(`^${DATE}[T ]${TIME}(Z|[+-]\\d{2}:?\\d{2})?$`);

/** Days since 1970. */
export function parseDate(text: string): number | undefined {
  const [, year = '', month = '', day = ''] = datePattern.exec(text) ?? [];
  return daysOf(year, month, day);
}

/** Microseconds since midnight. */
export function parseTime(text: string): bigint | undefined {
  const [, hours = '', minutes = '', seconds = '0', fraction = ''] = timePattern.exec(text) ?? [];
  return microsOf(hours, minutes, seconds, fraction);
}

/** Microseconds since 1970. A timestamptz needs an offset. A timestamp must not have one, except UTC. */
export function parseTimestamp(text: string, kind: 'timestamp' | 'timestamptz'): bigint | undefined {
  const [, year = '', month = '', day = '', hours = '', minutes = '', seconds = '0', fraction = '', offset] =
    timestampPattern.exec(text) ?? [];
  const days = daysOf(year, month, day);
  const micros = microsOf(hours, minutes, seconds, fraction);
  if (days === undefined || micros === undefined) return undefined;
  const shift = offset === undefined ? undefined : offsetMinutes(offset);
  if (kind === 'timestamptz' ? shift === undefined : (shift ?? 0) !== 0) return undefined;
  return BigInt(days) * 86_400_000_000n + micros - BigInt(shift ?? 0) * 60_000_000n;
}

function daysOf(year: string, month: string, day: string): number | undefined {
  if (year === '') return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isThere = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isThere ? date.getTime() / DAY_MS : undefined;
}

/** Undefined also if the time has more precision than microseconds, which would be lost. */
function microsOf(hours: string, minutes: string, seconds: string, fraction: string): bigint | undefined {
  if (hours === '' || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > 6) return undefined;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return BigInt(whole) * 1_000_000n + BigInt(digits.padEnd(6, '0'));
}

function offsetMinutes(offset: string): number | undefined {
  if (offset === 'Z') return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  if (hours > 18 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
