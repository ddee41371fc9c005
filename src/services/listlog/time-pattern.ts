/**
 * Formats times by the patterns of Java's DateTimeFormatter, limited to the letters that a line needs: y M d H m s S
 * (fraction, 1 to 9), X x (offset), quoted text. Other letters are refused by name.
 */
export type TimeFormatter = (timeMs: number) => string;

export class TimePatternError extends Error {
  override readonly name = 'TimePatternError';
}

interface Fields {
  readonly date: Date;
  readonly offsetMinutes: number;
}

type Piece = string | ((fields: Fields) => string);

/** Throws TimePatternError. `timeZone` is an IANA name, `UTC` or an offset like `+09:00`. */
export function timeFormatter(pattern: string, timeZone: string): TimeFormatter {
  const offsetOf = zoneOffset(timeZone);
  const pieces = parsePattern(pattern);
  return (timeMs) => {
    const offsetMinutes = offsetOf(timeMs);
    const fields = { date: new Date(timeMs + offsetMinutes * 60_000), offsetMinutes };
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(fields);
    return text;
  };
}

function parsePattern(pattern: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [token] of pattern.matchAll(/([A-Za-z])\1*|'(?:[^']|'')*'|[^A-Za-z']+|'/g)) {
    if (token === "'") throw new TimePatternError('a quote is not closed in a time pattern');
    if (token === "''") pieces.push("'");
    else if (token.startsWith("'")) pieces.push(token.slice(1, -1).replaceAll("''", "'"));
    else if (/^[A-Za-z]/.test(token)) pieces.push(letters(token));
    else pieces.push(token);
  }
  return pieces;
}

function letters(token: string): Piece {
  const width = token.length;
  const number = (of: (date: Date) => number, most: number): Piece => {
    if (width > most) throw unknown(token);
    return ({ date }) => String(of(date)).padStart(width, '0');
  };
  switch (token.charAt(0)) {
    case 'y':
    case 'u':
      if (width === 2) return ({ date }) => String(date.getUTCFullYear() % 100).padStart(2, '0');
      return number((date) => date.getUTCFullYear(), 4);
    case 'M':
      return number((date) => date.getUTCMonth() + 1, 2);
    case 'd':
      return number((date) => date.getUTCDate(), 2);
    case 'H':
      return number((date) => date.getUTCHours(), 2);
    case 'm':
      return number((date) => date.getUTCMinutes(), 2);
    case 's':
      return number((date) => date.getUTCSeconds(), 2);
    case 'S':
      if (width > 9) throw unknown(token);
      return ({ date }) => String(date.getUTCMilliseconds()).padStart(3, '0').padEnd(9, '0').slice(0, width);
    case 'X':
    case 'x':
      return offset(token);
    default:
      throw unknown(token);
  }
}

/** X: `Z`, `+09`, `+0530`; XX: `+0900`; XXX: `+09:00`. x never gives Z. */
function offset(token: string): Piece {
  const width = token.length;
  if (width > 3) throw unknown(token);
  const zulu = token.startsWith('X');
  return ({ offsetMinutes }) => {
    if (offsetMinutes === 0 && zulu) return 'Z';
    const sign = offsetMinutes < 0 ? '-' : '+';
    const hours = String(Math.trunc(Math.abs(offsetMinutes) / 60)).padStart(2, '0');
    const minutes = String(Math.abs(offsetMinutes) % 60).padStart(2, '0');
    if (width === 1) return sign + hours + (minutes === '00' ? '' : minutes);
    return sign + hours + (width === 3 ? ':' : '') + minutes;
  };
}

function unknown(token: string): TimePatternError {
  return new TimePatternError(
    `the time pattern letters ${token} are not known; known are y M d H m s S X x and 'quoted text'`,
  );
}

/** Offsets change only at full quarters of an hour, and computing one is expensive. */
const QUARTER_MS = 15 * 60_000;

function zoneOffset(timeZone: string): (timeMs: number) => number {
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
    throw new TimePatternError(
      `the time zone ${timeZone} is not known; known are names like Asia/Tokyo, offsets like +09:00 and UTC`,
    );
  }
}

function offsetAt(format: Intl.DateTimeFormat, timeMs: number): number {
  const name = format.formatToParts(timeMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /([+-])(\d{2}):(\d{2})/.exec(name);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}
