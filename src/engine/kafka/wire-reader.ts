import { kafkaLimits } from './limits.ts';

/** A broker sent something that is not Kafka's protocol. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/**
 * Reads Kafka's primitive types. Lengths and counts are checked against what is there, so that a response cannot make
 * the reader allocate more than its own size.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  /** Of a part of the bytes, or of all. */
  constructor(bytes: Buffer, from = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1));
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  /** An offset or a time: an int64 that a number can hold. */
  number64(): number {
    const value = Number(this.int64());
    if (!Number.isSafeInteger(value)) throw new WireError(`${value} is not an offset`);
    return value;
  }

  /** NULLABLE_STRING. */
  nullableString(): string | undefined {
    const length = this.int16();
    if (length < 0) return undefined;
    const from = this.#take(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  string(): string {
    return this.nullableString() ?? '';
  }

  /** NULLABLE_BYTES; not copied. */
  bytes(): Buffer {
    const length = this.int32();
    return length < 0 ? this.#bytes.subarray(0, 0) : this.raw(length);
  }

  raw(length: number): Buffer {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** A zigzag VARINT of at most 32 bits. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#take(1));
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new WireError('a number of more than 32 bits');
  }

  array<Element>(read: (reader: this) => Element): Element[] {
    const count = this.int32();
    // Every element has a byte at least.
    if (count > Math.min(this.left, kafkaLimits.elementsMax)) {
      throw new WireError(`a list of ${count} elements`);
    }
    const elements: Element[] = [];
    for (let index = 0; index < count; index++) elements.push(read(this));
    return elements;
  }

  #take(length: number): number {
    if (length < 0 || length > this.left) throw new WireError(`${length} bytes where ${this.left} are left`);
    const from = this.#at;
    this.#at += length;
    return from;
  }
}
