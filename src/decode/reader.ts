import { decodeLimits } from './limits.ts';

/** The bytes are not of the format that a decoder reads; the message says why. */
export class NotDecodable extends Error {
  override readonly name = 'NotDecodable';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws NotDecodable for bytes that are not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new NotDecodable('a text is not valid UTF-8');
  }
}

/** Reads a binary format from the front, within the bounds of decoding. Throws NotDecodable at its end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Call it for each value that is read, with its depth. */
  count(depth: number): void {
    if (depth > decodeLimits.depthMax) throw new NotDecodable(`nested deeper than ${decodeLimits.depthMax}`);
    if (++this.#values > decodeLimits.valuesMax) {
      throw new NotDecodable(`more than ${decodeLimits.valuesMax} values`);
    }
  }

  /** A length in the payload is only credible if as many bytes follow. */
  checkLength(length: number): void {
    if (length > this.left) throw new NotDecodable(`ends ${length - this.left} bytes early`);
  }

  byte(): number {
    return this.#next(1).at(0) ?? 0;
  }

  bytes(length: number): Buffer {
    return this.#next(length);
  }

  text(length: number): string {
    return textOf(this.#next(length));
  }

  /** An unsigned integer of 1, 2, 4 or 8 bytes, big-endian. */
  unsigned(size: number): bigint {
    const bytes = this.#next(size);
    return size === 8 ? bytes.readBigUInt64BE() : BigInt(bytes.readUIntBE(0, size));
  }

  signed(size: number): bigint {
    const bytes = this.#next(size);
    return size === 8 ? bytes.readBigInt64BE() : BigInt(bytes.readIntBE(0, size));
  }

  float(): number {
    // A float's shortest decimal, not the double's next to it: 0.1, not 0.10000000149011612.
    return Number(this.#next(4).readFloatBE().toPrecision(7));
  }

  double(): number {
    return this.#next(8).readDoubleBE();
  }

  #next(length: number): Buffer {
    this.checkLength(length);
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

/** Bytes within a structure are shown as base64. */
export function blob(bytes: Buffer): string {
  return bytes.toString('base64');
}
