import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

const TWO_32 = 2 ** 32;
/** The scale of the eighth byte, the last one that a number up to 2^53 needs. */
const VARINT_SCALE_MAX = 2 ** 49;

/** Writes little-endian fields into a growing buffer. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(expectedBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(expectedBytes);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#buffer.writeUInt8(value, at);
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#buffer.writeUInt16LE(value, at);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeUInt32LE(value, at);
  }

  /** Numbers up to 2^53, as two halves: a BigInt would cost an allocation per number. */
  u64(value: number): void {
    assert(
      Number.isSafeInteger(value) && value >= 0,
      'a number too large to be stored exactly in eight bytes',
    );
    const at = this.#room(8);
    this.#buffer.writeUInt32LE(value % TWO_32, at);
    this.#buffer.writeUInt32LE(Math.floor(value / TWO_32), at + 4);
  }

  /**
   * Numbers up to 2^53 in as few bytes as possible: seven bits per byte, lowest first; the top bit is set in all but
   * the last byte.
   */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.u8(128 + (rest % 128));
    this.u8(rest);
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#buffer.set(value, at);
  }

  text(value: string, encoding: 'latin1' | 'utf8'): void {
    const at = this.#room(Buffer.byteLength(value, encoding));
    this.#buffer.write(value, at, encoding);
  }

  /** Overwrites an earlier u32: lengths and checksums are known only at the end. */
  patchU32(at: number, value: number): void {
    this.#buffer.writeUInt32LE(value, at);
  }

  /** Fills up with zeros, and ends with a checksum of everything before: `length` bytes in total. */
  finishWithChecksum(length: number): Buffer {
    this.bytes(Buffer.alloc(length - 4 - this.length));
    this.u32(crc32(this.finish()));
    return this.finish();
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }
}

/** Reads what ByteWriter wrote. Throws RangeError at the end of the bytes. */
export class ByteReader {
  readonly buffer: Buffer;
  readonly #end: number;
  #at: number;

  /** Of a part of the buffer, or of all. */
  constructor(buffer: Buffer, from = 0, end: number = buffer.length) {
    this.buffer = buffer;
    this.#at = from;
    this.#end = Math.min(end, buffer.length);
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    return this.buffer[this.skip(1)] ?? 0;
  }

  u16(): number {
    return this.buffer.readUInt16LE(this.skip(2));
  }

  u32(): number {
    return this.buffer.readUInt32LE(this.skip(4));
  }

  u64(): number {
    const at = this.skip(8);
    return this.buffer.readUInt32LE(at) + this.buffer.readUInt32LE(at + 4) * TWO_32;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= VARINT_SCALE_MAX; scale *= 128) {
      const byte = this.u8();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError('a number has too many bytes');
  }

  skipVarints(count: number): void {
    for (let left = count; left > 0; left--) this.varint();
  }

  bytes(length: number): Buffer {
    const at = this.skip(length);
    return this.buffer.subarray(at, at + length);
  }

  text(length: number): string {
    const at = this.skip(length);
    return this.buffer.toString('utf8', at, at + length);
  }

  /** Passes over bytes; returns where in the buffer they are. */
  skip(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#end) throw new RangeError('unexpected end of the bytes');
    this.#at += bytes;
    return at;
  }
}
