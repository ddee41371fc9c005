import { wireType } from '../../support/protobuf-reader.ts';
import { Encoded, type Field, fieldsOf, type Message, type MessageName, type Value } from './messages.ts';

/**
 * Writes messages in the binary form of Protocol Buffers from their end to their beginning: so the length of what is
 * inside is known when it is written in front of it.
 */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #start = this.#buffer.length;

  encode(name: MessageName, message: Message): Encoded {
    this.#start = this.#buffer.length;
    this.#message(name, message);
    return new Encoded(Uint8Array.from(this.#buffer.subarray(this.#start)));
  }

  #message(name: MessageName, message: Message): void {
    for (const field of fieldsOf(name).toReversed()) {
      const value = message[field.name];
      if (value === undefined) continue;
      if (!field.repeated) this.#field(field, value);
      else if (isPacked(field)) this.#packed(field, listOf(value));
      else for (const element of listOf(value).toReversed()) this.#field(field, element);
    }
  }

  #packed(field: Field, values: readonly Value[]): void {
    const end = this.#used;
    for (const value of values.toReversed()) this.#fixed64(field.type, Number(value));
    this.#varint(this.#used - end);
    this.#tag(field, wireType.lengthDelimited);
  }

  #field(field: Field, value: Value): void {
    if (typeof value === 'object') this.#nested(field, value);
    else if (typeof value === 'string') this.#text(field, value);
    else this.#number(field, Number(value));
  }

  #nested(field: Field, value: Encoded | Message | readonly Value[]): void {
    const end = this.#used;
    if (value instanceof Encoded) this.#bytes(value);
    // Only the fields of messages have objects as their values.
    else this.#message(field.type as MessageName, value as Message);
    this.#varint(this.#used - end);
    this.#tag(field, wireType.lengthDelimited);
  }

  #text(field: Field, text: string): void {
    const encoding = field.type === 'hex' ? 'hex' : 'utf8';
    const length = Buffer.byteLength(text, encoding);
    this.#room(length);
    this.#buffer.write(text, this.#start, length, encoding);
    this.#varint(length);
    this.#tag(field, wireType.lengthDelimited);
  }

  #number(field: Field, value: number): void {
    const { type } = field;
    if (type === 'double' || type === 'fixed64' || type === 'time') {
      this.#fixed64(type, value);
      this.#tag(field, wireType.fixed64);
    } else if (type === 'fixed32') {
      this.#room(4);
      this.#buffer.writeUInt32LE(value, this.#start);
      this.#tag(field, wireType.fixed32);
    } else {
      this.#varint(value);
      this.#tag(field, wireType.varint);
    }
  }

  #bytes({ content }: Encoded): void {
    if (typeof content === 'string') throw new Error('a message in JSON cannot be part of a binary one');
    this.#room(content.length);
    this.#buffer.set(content, this.#start);
  }

  #fixed64(type: Field['type'], value: number): void {
    this.#room(8);
    if (type === 'double') this.#buffer.writeDoubleLE(value, this.#start);
    else this.#buffer.writeBigUInt64LE(type === 'time' ? nanoseconds(value) : BigInt(value), this.#start);
  }

  #tag({ number }: Field, type: number): void {
    this.#varint(number * 8 + type);
  }

  /** Not negative. */
  #varint(value: number): void {
    let length = 1;
    for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) length++;
    this.#room(length);
    let left = value;
    for (let at = this.#start; at < this.#start + length - 1; at++) {
      this.#buffer[at] = (left % 128) + 128;
      left = Math.floor(left / 128);
    }
    this.#buffer[this.#start + length - 1] = left;
  }

  get #used(): number {
    return this.#buffer.length - this.#start;
  }

  /** Makes room in front of what is written. */
  #room(length: number): void {
    if (this.#start < length) {
      const used = this.#used;
      const larger = Buffer.allocUnsafe(2 * (this.#buffer.length + length));
      this.#buffer.copy(larger, larger.length - used, this.#start);
      this.#buffer = larger;
      this.#start = larger.length - used;
    }
    this.#start -= length;
  }
}

function isPacked({ type }: Field): boolean {
  return type === 'fixed64' || type === 'double';
}

function listOf(value: Value): readonly Value[] {
  if (!Array.isArray(value)) throw new Error('a repeated field has a list as its value');
  return value;
}

/** Of a time in milliseconds, whose fraction has microseconds. */
export function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}
