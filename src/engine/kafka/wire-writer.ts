/**
 * Writes Kafka's primitive types (https://kafka.apache.org/protocol#protocol_types), all big-endian. Large parts are
 * not copied: `append` gives them out between the written bytes, for one vectored write.
 */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  #bytes: Buffer;
  /** Where the present piece begins and where it ends. */
  #from = 0;
  #at = 0;
  #partsLength = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#partsLength + this.#at - this.#from;
  }

  int8(value: number): this {
    this.#at = this.#room(1).writeInt8(value, this.#at);
    return this;
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int16(value: number): this {
    this.#at = this.#room(2).writeInt16BE(value, this.#at);
    return this;
  }

  int32(value: number): this {
    this.#at = this.#room(4).writeInt32BE(value, this.#at);
    return this;
  }

  uint32(value: number): this {
    this.#at = this.#room(4).writeUInt32BE(value, this.#at);
    return this;
  }

  int64(value: bigint | number): this {
    this.#at = this.#room(8).writeBigInt64BE(BigInt(value), this.#at);
    return this;
  }

  /** NULLABLE_STRING. */
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length);
    this.#at += this.#room(length).write(value, this.#at);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.int32(value.length);
    this.#room(value.length).set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** A zigzag VARINT, as in records. */
  varint(value: number): this {
    const bytes = this.#room(5);
    let left = value >= 0 ? value * 2 : -value * 2 - 1;
    while (left >= 128) {
      bytes[this.#at++] = (left % 128) + 128;
      left = Math.floor(left / 128);
    }
    bytes[this.#at++] = left;
    return this;
  }

  array<Element>(elements: readonly Element[], write: (writer: this, element: Element) => void): this {
    this.int32(elements.length);
    for (const element of elements) write(this, element);
    return this;
  }

  /** Appends bytes that stay where they are: they must not change until they are sent. */
  append(parts: readonly Uint8Array[]): this {
    this.#cut();
    for (const part of parts) {
      this.#parts.push(part);
      this.#partsLength += part.length;
    }
    return this;
  }

  /** Everything that was written, in order. */
  finish(): readonly Uint8Array[] {
    this.#cut();
    return this.#parts;
  }

  #cut(): void {
    if (this.#at === this.#from) return;
    this.#parts.push(this.#bytes.subarray(this.#from, this.#at));
    this.#partsLength += this.#at - this.#from;
    this.#from = this.#at;
  }

  #room(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) {
      const written = this.#bytes.subarray(this.#from, this.#at);
      this.#bytes = Buffer.allocUnsafe(Math.max(256, (written.length + length) * 2));
      this.#bytes.set(written);
      this.#at = written.length;
      this.#from = 0;
    }
    return this.#bytes;
  }
}
