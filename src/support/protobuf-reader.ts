/** The bytes are not a message of the expected form. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

export const wireType = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

export interface ProtobufField {
  readonly number: number;
  readonly type: number;
}

/**
 * Reads the fields of a Protocol Buffers message (https://protobuf.dev/programming-guides/encoding/). It reads only
 * the small messages of KPL's format and of OpenTelemetry's answers; a library would be many times the size.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Returns the next field, whose value must be read or skipped; undefined at the end. */
  next(): ProtobufField | undefined {
    if (this.#offset === this.#bytes.length) return undefined;
    const tag = this.varint();
    const field = { number: Math.floor(tag / 8), type: tag % 8 };
    if (field.number === 0) throw new ProtobufError('a field has the number 0');
    return field;
  }

  /** A number up to 2^53 - 1: far above any index into the tables. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.#bytes[this.#offset++];
      if (byte === undefined) throw new ProtobufError('a number is cut off');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new ProtobufError('a number is too large');
  }

  /** A view of the field's bytes. */
  bytes(): Uint8Array {
    const length = this.varint();
    const start = this.#offset;
    if (length > this.#bytes.length - start) throw new ProtobufError('a value is cut off');
    this.#offset = start + length;
    return this.#bytes.subarray(start, this.#offset);
  }

  skip(type: number): void {
    if (type === wireType.varint) this.#skipVarint();
    else if (type === wireType.lengthDelimited) this.bytes();
    else if (type === wireType.fixed64) this.#advance(8);
    else if (type === wireType.fixed32) this.#advance(4);
    else throw new ProtobufError(`wire type ${type} is not in use`);
  }

  /** Skips a value that may have all 64 bits. */
  #skipVarint(): void {
    for (let length = 1; length <= 10; length++) {
      const byte = this.#bytes[this.#offset++];
      if (byte === undefined) throw new ProtobufError('a number is cut off');
      if (byte < 0x80) return;
    }
    throw new ProtobufError('a number is too long');
  }

  #advance(length: number): void {
    if (length > this.#bytes.length - this.#offset) throw new ProtobufError('a value is cut off');
    this.#offset += length;
  }
}
