export class TimeZoneError extends Error {
  override readonly name = 'TimeZoneError';
}

/** Offsets change only at full quarters of an hour, and computing one is expensive. */
const QUARTER_MS = 15 * 60_000;

/**
 * The offset of a zone from UTC, in minutes, at a time. `timeZone` is an IANA name, `UTC` or an offset like `+09:00`.
 * Throws TimeZoneError.
 */
export function zoneOffset(timeZone: string): (timeMs: number) => number {
  if (timeZone === 'UTC') return () => 0;
  const format = formatOf(timeZone);
  let quarter = Number.NaN;
  let known = 0;
  return (timeMs) => {
    const current = Math.floor(timeMs / QUARTER_MS);
    if (current !== quarter) {
      known = offsetAt(format, current * QUARTER_MS);
      quarter = current;
    }
    return known;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    throw new TimeZoneError(
      `unknown time zone ${timeZone}; use a name such as Asia/Tokyo, an offset such as +09:00, or UTC`,
    );
  }
}

function offsetAt(format: Intl.DateTimeFormat, timeMs: number): number {
  const name = format.formatToParts(timeMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /([+-])(\d{2}):(\d{2})/.exec(name);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}
