import { viewOf } from '../../support/as-buffer.ts';
import { acquireBuffer, releaseBuffer } from '../../support/buffer-pool.ts';
import { isSpecial, plainTextEnd } from '../../support/plain-text.ts';

/** A constant text that is written often: word by word, where the last word may write past the text's end. */
export class ConstantText {
  readonly length: number;
  readonly #words: Uint32Array;

  /** `text` in ASCII. */
  constructor(text: string) {
    this.length = text.length;
    const padded = Buffer.alloc(Math.ceil(text.length / 4) * 4);
    padded.write(text, 'latin1');
    this.#words = Uint32Array.from({ length: padded.length / 4 }, (_, word) => padded.readUInt32LE(word * 4));
  }

  writeTo(view: DataView, at: number): number {
    const words = this.#words;
    for (let i = 0; i < words.length; i++) view.setUint32(at + i * 4, words[i] ?? 0, true);
    return at + this.length;
  }
}

/** How far `Words` and `base64` may write past their end. */
export const BEYOND_BYTES = 4;

/**
 * A buffer for JSON. Callers reserve room first and pass `at` along: as a local variable it stays in a register.
 */
export class JsonOutput {
  bytes: Buffer;
  view: DataView;

  /** Starts with a pooled buffer, and releases it when a larger one is needed. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  /** Makes room for this many bytes from `at` on. */
  reserve(at: number, bytes: number): void {
    if (at + bytes <= this.bytes.length) return;
    const larger = acquireBuffer(Math.max(at + bytes, Math.ceil(this.bytes.length * 1.5)));
    this.bytes.copy(larger, 0, 0, at);
    releaseBuffer(this.bytes);
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

/** Writes the UTF-8 of `from`, from `start` to `end`, as the content of a JSON string. Returns where it ends. */
export function writeText(output: JsonOutput, at: number, from: Buffer, start: number, end: number): number {
  const { bytes } = output;
  let to = at;
  for (let place = start; place < end; place++) {
    const byte = from[place] ?? 0;
    if (isSpecial(byte)) {
      return at + bytes.write(JSON.stringify(from.toString('utf8', start, end)).slice(1, -1), at);
    }
    bytes[to++] = byte;
  }
  return to;
}

/** The same for a text that may be long; makes room for it. */
export function writeLongText(output: JsonOutput, at: number, from: Buffer): number {
  if (plainTextEnd(from, viewOf(from), 0, from.length) === from.length) {
    output.reserve(at, from.length);
    output.bytes.set(from, at);
    return at + from.length;
  }
  const text = JSON.stringify(from.toString()).slice(1, -1);
  output.reserve(at, Buffer.byteLength(text));
  return at + output.bytes.write(text, at);
}

const ZERO = 0x30;
const POINT = 0x2e;
/** The ASCII of 0000 to 9999, each as a little-endian word. */
export const FOUR_DIGITS = Uint32Array.from({ length: 10_000 }, (_, value) =>
  Buffer.from(String(value).padStart(4, '0')).readUInt32LE(),
);

/** Writes `value` (below 10^8) with leading zeros. */
export function writeEightDigits(view: DataView, at: number, value: number): void {
  const high = (value / 10_000) | 0;
  view.setUint32(at, FOUR_DIGITS[high] ?? 0, true);
  view.setUint32(at + 4, FOUR_DIGITS[value - high * 10_000] ?? 0, true);
}

/** Writes whole milliseconds as seconds, as JSON writes that number. Returns where it ends. */
export function writeSeconds({ bytes, view }: JsonOutput, at: number, ms: number): number {
  const seconds = Math.floor(ms / 1000);
  const rest = ms - seconds * 1000;
  const high = Math.floor(seconds / 1e8);
  let to = at + writeDigits(bytes, at, high === 0 ? seconds : high);
  if (high !== 0) {
    writeEightDigits(view, to, seconds - high * 1e8);
    to += 8;
  }
  if (rest === 0) return to;
  // The first of the four digits is a zero; the point replaces it.
  view.setUint32(to, FOUR_DIGITS[rest] ?? 0, true);
  bytes[to] = POINT;
  to += 4;
  while (bytes[to - 1] === ZERO) to--;
  return to;
}

/** Writes `value` (below 2^31) without leading zeros. */
function writeDigits(bytes: Buffer, at: number, value: number): number {
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits++;
  let left = value;
  for (let place = at + digits - 1; place >= at; place--) {
    const tens = (left / 10) | 0;
    bytes[place] = ZERO + (left - tens * 10);
    left = tens;
  }
  return digits;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;
/** The two base64 characters of twelve bits, as a little-endian word. */
const PAIRS = Uint16Array.from(
  { length: 4096 },
  (_, bits) => ALPHABET.charCodeAt(bits >> 6) | (ALPHABET.charCodeAt(bits & 63) << 8),
);
/** Above this, Node's encoder is faster despite the cost of the call. */
const SHORT_BYTES_MAX = 400;

/** Writes the base64 of `from`, from `start` to `end`. Returns where it ends. */
export function writeBase64(
  output: JsonOutput,
  at: number,
  from: Buffer,
  start: number,
  end: number,
): number {
  if (end - start > SHORT_BYTES_MAX)
    return at + output.bytes.write(from.toString('base64', start, end), at, 'latin1');
  const { view, bytes } = output;
  let to = at;
  let place = start;
  for (const last = end - 2; place < last; place += 3) {
    const three = ((from[place] ?? 0) << 16) | ((from[place + 1] ?? 0) << 8) | (from[place + 2] ?? 0);
    view.setUint32(to, (PAIRS[three >> 12] ?? 0) | ((PAIRS[three & 4095] ?? 0) << 16), true);
    to += 4;
  }
  if (place === end) return to;
  const two = ((from[place] ?? 0) << 8) | (place + 1 < end ? (from[place + 1] ?? 0) : 0);
  view.setUint16(to, PAIRS[two >> 4] ?? 0, true);
  bytes[to + 2] = place + 1 < end ? (PAIRS[(two << 8) & 4095] ?? 0) & 0xff : PAD;
  bytes[to + 3] = PAD;
  return to + 4;
}
