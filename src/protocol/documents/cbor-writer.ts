import { TAG_EPOCH } from './cbor.ts';

/** Up to this length a loop is faster than a call of Node's own functions. */
const SHORT_CHARACTERS_MAX = 80;
const COPIED_BYTES_MAX = 16 * 1024;

/** Builds CBOR; each method appends one item (or the head of one). */
export class CborWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  /** Returns what was written. The writer cannot be used any more. */
  finish(): Buffer {
    const written = this.#bytes.subarray(0, this.#length);
    // Small results are copied, so that they do not keep the large shared buffer alive.
    return this.#length < COPIED_BYTES_MAX ? Buffer.from(written) : written;
  }

  #room(bytes: number): number {
    const start = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    return start;
  }

  /** Make room first: that may replace `#bytes`. */
  #put(byte: number): void {
    const at = this.#room(1);
    this.#bytes[at] = byte;
  }

  #head(major: number, argument: number): void {
    const type = major << 5;
    if (argument < 24) this.#put(type | argument);
    else if (argument < 0x100) {
      const at = this.#room(2);
      this.#bytes[at] = type | 24;
      this.#bytes[at + 1] = argument;
    } else if (argument < 0x10000) {
      const at = this.#room(3);
      this.#bytes[at] = type | 25;
      this.#bytes.writeUInt16BE(argument, at + 1);
    } else if (argument < 0x100000000) {
      const at = this.#room(5);
      this.#bytes[at] = type | 26;
      this.#bytes.writeUInt32BE(argument, at + 1);
    } else {
      const at = this.#room(9);
      this.#bytes[at] = type | 27;
      this.#bytes.writeUInt32BE(Math.floor(argument / 0x100000000), at + 1);
      this.#bytes.writeUInt32BE(argument % 0x100000000, at + 5);
    }
  }

  map(size: number): void {
    this.#head(5, size);
  }

  array(size: number): void {
    this.#head(4, size);
  }

  text(text: string): void {
    if (text.length <= SHORT_CHARACTERS_MAX && this.#shortText(text)) return;
    const size = Buffer.byteLength(text);
    this.#head(3, size);
    const at = this.#room(size);
    this.#bytes.write(text, at, 'utf8');
  }

  /** Returns false, with nothing written, for text that is not ASCII. */
  #shortText(text: string): boolean {
    const { length } = text;
    const before = this.#length;
    this.#head(3, length);
    const start = this.#room(length);
    const bytes = this.#bytes;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) {
        this.#length = before;
        return false;
      }
      bytes[start + at] = code;
    }
    return true;
  }

  bytes(bytes: Uint8Array): void {
    this.#head(2, bytes.length);
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  integer(value: number): void {
    if (value >= 0) this.#head(0, value);
    else this.#head(1, -1 - value);
  }

  double(value: number): void {
    const at = this.#room(9);
    this.#bytes[at] = 0xfb;
    this.#bytes.writeDoubleBE(value, at + 1);
  }

  boolean(value: boolean): void {
    this.#put(value ? 0xf5 : 0xf4);
  }

  nothing(): void {
    this.#put(0xf6);
  }

  /** Tag 1; whole numbers as integers. */
  time(epoch: number): void {
    this.#head(6, TAG_EPOCH);
    if (Number.isInteger(epoch)) this.integer(epoch);
    else this.double(epoch);
  }
}
