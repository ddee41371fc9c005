import { isUtf8 } from 'node:buffer';
import { viewOf } from '../../support/as-buffer.ts';
import { acquireBuffer } from '../../support/buffer-pool.ts';
import { plainTextEnd } from '../../support/plain-text.ts';
import { endOfText } from './value-bounds.ts';

/** Bytes for `take`. */
export const OPEN = 0x7b;
export const CLOSE = 0x7d;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const COMMA = 0x2c;

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const DELETE = 0x7f;

/**
 * Reads JSON from its bytes, piece by piece, for callers that know what should come: it builds no tree, and decodes
 * blobs straight from the body. It reads plain strings only (ASCII without escapes). On anything else the caller
 * gives up and lets json.ts read the body: the two must never differ, and only json.ts produces errors.
 */
export class JsonScanner {
  readonly #bytes: Buffer;
  #view: DataView | undefined;
  #at = 0;
  /** All blobs of the body share this buffer. */
  #blobs: Buffer | undefined;
  #blobsLength = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The buffer that holds all blobs read so far. */
  get blobs(): Buffer | undefined {
    return this.#blobs;
  }

  /** Consumes the byte if it comes next, after white space. */
  take(byte: number): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** Consumes `"name":` if it comes next. */
  takeName(name: Uint8Array): boolean {
    this.#skipSpace();
    const bytes = this.#bytes;
    const start = this.#at + 1;
    const end = start + name.length;
    if (bytes[start - 1] !== QUOTE || bytes[end] !== QUOTE) return false;
    for (let i = 0; i < name.length; i++) {
      if (bytes[start + i] !== name[i]) return false;
    }
    this.#at = end + 1;
    return this.take(COLON);
  }

  /** Reads a plain string; returns undefined for anything else. */
  text(): string | undefined {
    if (!this.take(QUOTE)) return undefined;
    const bytes = this.#bytes;
    const start = this.#at;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return bytes.toString('latin1', start, at);
      }
      if (byte < SPACE || byte >= DELETE || byte === BACKSLASH) return undefined;
    }
    return undefined;
  }

  /**
   * Reads any string: one that is plain as its bytes, which belong to the body, any other as text. Returns undefined for
   * what is no valid string.
   */
  textOrBytes(): string | Buffer | undefined {
    if (!this.take(QUOTE)) return undefined;
    const bytes = this.#bytes;
    const start = this.#at;
    const plainEnd = plainTextEnd(bytes, (this.#view ??= viewOf(bytes)), start, bytes.length);
    const end = bytes[plainEnd] === QUOTE ? plainEnd : endOfText(bytes, start - 1);
    if (end >= bytes.length) return undefined;
    this.#at = end + 1;
    return end === plainEnd ? bytes.subarray(start, end) : parsedText(bytes.subarray(start - 1, end + 1));
  }

  /** Reads a number of up to nine digits, and nothing else. */
  count(): number | undefined {
    this.#skipSpace();
    const bytes = this.#bytes;
    const start = this.#at;
    let count = 0;
    let at = start;
    for (; at - start < COUNT_DIGITS_MAX && isDigit(bytes[at]); at++)
      count = count * 10 + (bytes[at] ?? 0) - ZERO;
    const hasLeadingZero = at - start > 1 && bytes[start] === ZERO;
    if (at === start || hasLeadingZero || !isAfterNumber(bytes[at])) return undefined;
    this.#at = at;
    return count;
  }

  /** Decodes a base64 string; returns undefined if it is not in the form that AWS requires. */
  blob(): Buffer | undefined {
    if (!this.take(QUOTE)) return undefined;
    const bytes = this.#bytes;
    const start = this.#at;
    const end = bytes.indexOf(QUOTE, start);
    const length = end - start;
    if (end === -1 || length % 4 !== 0) return undefined;
    this.#at = end + 1;
    this.#blobs ??= acquireBuffer(Math.ceil(((bytes.length - start) * 3) / 4));
    const from = this.#blobsLength;
    const padding = length === 0 || bytes[end - 1] !== PAD ? 0 : bytes[end - 2] === PAD ? 2 : 1;
    const to = from + (length / 4) * 3 - padding;
    if (padding > 0 && hasStrayBits(bytes[end - padding - 1] ?? 0, padding)) return undefined;
    const decode = length > SHORT_CHARACTERS_MAX ? decodeLong : decodeShort;
    if (!decode(bytes, start, end - padding, this.#blobs, from, to)) return undefined;
    this.#blobsLength = to;
    return this.#blobs.subarray(from, to);
  }

  /** Whether nothing but white space is left. */
  atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#bytes.length;
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let byte = bytes[at]; byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;) {
      byte = bytes[++at];
    }
    this.#at = at;
  }
}

const ZERO = 0x30;
const COUNT_DIGITS_MAX = 9;

function isDigit(byte = 0): boolean {
  return byte >= ZERO && byte < ZERO + 10;
}

/** Whether a number certainly ends before this byte. */
function isAfterNumber(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE || byte === CLOSE_LIST;
}

/** A string with escapes or other characters than ASCII, with its quotes; undefined when it is not valid. */
function parsedText(quoted: Buffer): string | undefined {
  if (!isUtf8(quoted)) return undefined;
  try {
    // JSON that starts and ends with a quote is a string.
    return JSON.parse(quoted.toString()) as string;
  } catch {
    return undefined;
  }
}

const PAD = 0x3d;

/** The value of each base64 character; negative for other characters. */
const BASE64 = new Int32Array(256).fill(-1);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let value = 0; value < ALPHABET.length; value++) BASE64[ALPHABET.charCodeAt(value)] = value;

/** Whether the last character before the padding has bits that stand for nothing, and are not 0 as they must be. */
export function hasStrayBits(character: number, padding: number): boolean {
  if (padding === 0) return false;
  const bits = BASE64[character] ?? -1;
  return bits > 0 && (bits & (padding === 1 ? 0b11 : 0b1111)) !== 0;
}

/** For short strings a loop is faster than calling Node's decoder. */
const SHORT_CHARACTERS_MAX = 256;

function decodeShort(
  bytes: Buffer,
  start: number,
  end: number,
  into: Buffer,
  from: number,
  to: number,
): boolean {
  let wrong = 0;
  let at = start;
  let out = from;
  for (; at + 4 <= end; at += 4) {
    const four =
      (sixBits(bytes, at) << 18) |
      (sixBits(bytes, at + 1) << 12) |
      (sixBits(bytes, at + 2) << 6) |
      sixBits(bytes, at + 3);
    wrong |= four;
    into[out] = four >> 16;
    into[out + 1] = four >> 8;
    into[out + 2] = four;
    out += 3;
  }
  if (out < to) {
    const two = (sixBits(bytes, at) << 6) | sixBits(bytes, at + 1);
    wrong |= two;
    into[out++] = two >> 4;
    if (out < to) {
      const third = sixBits(bytes, at + 2);
      wrong |= third;
      into[out] = (two << 4) | (third >> 2);
    }
  }
  return wrong >= 0;
}

function decodeLong(
  bytes: Buffer,
  start: number,
  end: number,
  into: Buffer,
  from: number,
  to: number,
): boolean {
  const text = bytes.toString('latin1', start, end);
  // Node's decoder also accepts the URL alphabet and skips invalid characters.
  if (text.includes('-') || text.includes('_')) return false;
  return into.write(text, from, 'base64') === to - from;
}

function sixBits(bytes: Buffer, at: number): number {
  return BASE64[bytes[at] ?? 0] ?? -1;
}
