import { integer } from './exact.ts';
import { blob, ByteReader, NotDecodable, textOf } from './reader.ts';

const LENGTH_DELIMITED = 2;
const FIELD_NUMBER_MAX = 2n ** 29n - 1n;

/**
 * Reads a message of Protocol Buffers without its schema: fields are named by their numbers. Whether bytes are a message,
 * a text or a blob is a guess, as in `protoc --decode_raw`.
 */
export function decodeProtobuf(bytes: Uint8Array): unknown {
  if (bytes.length < 2) throw new NotDecodable('too short for a message');
  return message(bytes, 0);
}

function message(bytes: Uint8Array, depth: number): object {
  const reader = new ByteReader(bytes);
  const fields = new Map<string, unknown[]>();
  while (reader.left > 0) {
    reader.count(depth);
    const tag = varint(reader);
    const number = tag >> 3n;
    if (number === 0n || number > FIELD_NUMBER_MAX) throw new NotDecodable(`there is no field ${number}`);
    const value = field(reader, Number(tag & 7n), depth);
    const values = fields.get(String(number));
    if (values === undefined) fields.set(String(number), [value]);
    else values.push(value);
  }
  return Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

function field(reader: ByteReader, type: number, depth: number): unknown {
  switch (type) {
    case 0:
      return integer(BigInt.asIntN(64, varint(reader)));
    case 1:
      return fixed(reader.bytes(8));
    case LENGTH_DELIMITED: {
      const length = varint(reader);
      if (length > BigInt(reader.left)) throw new NotDecodable('a field is longer than the message');
      return delimited(reader.bytes(Number(length)), depth);
    }
    case 5:
      return fixed(reader.bytes(4));
    default:
      throw new NotDecodable(`wire type ${type} is not in use`);
  }
}

/** A double or float if it looks like one, otherwise the integer. */
function fixed(bytes: Buffer): unknown {
  const number = bytes.length === 8 ? bytes.readDoubleLE() : Number(bytes.readFloatLE().toPrecision(7));
  const size = Math.abs(number);
  if (number === 0 || (size > 1e-9 && size < 1e15)) return number;
  return integer(bytes.length === 8 ? bytes.readBigInt64LE() : BigInt(bytes.readInt32LE()));
}

function delimited(bytes: Buffer, depth: number): unknown {
  const text = printable(bytes);
  if (text !== undefined) return text;
  try {
    return message(bytes, depth + 1);
  } catch (error) {
    if (error instanceof NotDecodable) return blob(bytes);
    throw error;
  }
}

function printable(bytes: Buffer): string | undefined {
  try {
    const text = textOf(bytes);
    // eslint-disable-next-line no-control-regex -- control characters show that it is no text
    return /[\u0000-\u0008\u000e-\u001f\u007f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function varint(reader: ByteReader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.byte();
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new NotDecodable('a number is longer than 64 bits');
}
