const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;

const ONES = 0x01010101;
const HIGH_BITS = 0x80808080;
const QUOTES = QUOTE * ONES;
const BACKSLASHES = BACKSLASH * ONES;
const SPACES = SPACE * ONES;

/**
 * The end of the plain text that begins at `start`: of the bytes that are ASCII and the same in a JSON string. `view` is
 * of the same bytes. Reads words of four bytes: the bodies of messages are long.
 */
export function plainTextEnd(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    const word = view.getInt32(at, true);
    const quotes = word ^ QUOTES;
    const backslashes = word ^ BACKSLASHES;
    // Subtracting more than a byte has sets its high bit (Hacker's Delight, "Find First 0-Byte").
    const special = (word - SPACES) | (quotes - ONES) | (backslashes - ONES) | word;
    if ((special & HIGH_BITS) !== 0) break;
  }
  while (at < end && !isSpecial(bytes[at] ?? 0)) at++;
  return at;
}

/** Whether a byte is no ASCII, or not the same in a JSON string. */
export function isSpecial(byte: number): boolean {
  return byte < SPACE || byte > DELETE || byte === QUOTE || byte === BACKSLASH;
}
