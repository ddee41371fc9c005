import { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import avro from 'avsc';
import { isRawJson } from '../support/json-source.ts';
import { integer } from './exact.ts';
import { decodeLimits } from './limits.ts';
import { ByteReader, NotDecodable } from './reader.ts';

const MAGIC = Buffer.from('Obj\u0001', 'latin1');
const SYNC_BYTES = 16;

const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => integer(bytes.readBigInt64LE()),
  toBuffer: () => Buffer.alloc(8),
  fromJSON: Number,
  toJSON: (value: unknown) => value,
  isValid: () => true,
  compare: () => 0,
});

/** Reads an Avro object container file, which has its schema inside. */
export function decodeAvro(bytes: Uint8Array): unknown {
  if (bytes[0] === 0xc3 && bytes[1] === 0x01) {
    throw new NotDecodable('a single object of Avro names its schema by a fingerprint, and has none inside');
  }
  if (MAGIC.compare(bytes, 0, MAGIC.length) !== 0)
    throw new NotDecodable('it does not begin with "Obj" and 1');
  const reader = new ByteReader(bytes);
  reader.bytes(MAGIC.length);
  const header = headerOf(reader);
  reader.bytes(SYNC_BYTES);
  const type = typeOf(header.get('avro.schema') ?? '');
  const unpack = codecOf(header.get('avro.codec') ?? 'null');
  const values: unknown[] = [];
  while (reader.left > 0) {
    const count = number(reader);
    const block = unpack(reader.bytes(number(reader)));
    reader.bytes(SYNC_BYTES);
    readBlock(type, block, count, values);
  }
  return values.length === 1 ? values[0] : values;
}

function readBlock(type: avro.Type, block: Buffer, count: number, values: unknown[]): void {
  let offset = 0;
  for (let left = count; left > 0; left--) {
    if (values.length >= decodeLimits.valuesMax) throw new NotDecodable('too many records');
    const decoded: { value: unknown; offset: number } = type.decode(block, offset);
    if (decoded.offset < 0) throw new NotDecodable('a block ends early');
    ({ offset } = decoded);
    values.push(plain(decoded.value, 0));
  }
}

/** Bytes as base64; records of avsc are objects of classes. */
function plain(value: unknown, depth: number): unknown {
  if (depth > decodeLimits.depthMax) throw new NotDecodable(`nested deeper than ${decodeLimits.depthMax}`);
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map((one: unknown) => plain(one, depth + 1));
  if (typeof value !== 'object' || value === null || isRawJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one, depth + 1)]));
}

function headerOf(reader: ByteReader): Map<string, string> {
  const header = new Map<string, string>();
  for (let count = number(reader); count !== 0; count = number(reader)) {
    if (count < 0) number(reader);
    for (let left = Math.abs(count); left > 0; left--) {
      reader.count(0);
      header.set(reader.text(number(reader)), reader.bytes(number(reader)).toString());
    }
  }
  return header;
}

function typeOf(schema: string): avro.Type {
  try {
    const parsed: unknown = JSON.parse(schema);
    return avro.Type.forSchema(parsed as avro.Schema, { registry: { long }, wrapUnions: 'never' });
  } catch {
    throw new NotDecodable('its schema is not valid');
  }
}

function codecOf(name: string): (block: Buffer) => Buffer {
  const maxOutputLength = decodeLimits.decompressedBytesMax;
  if (name === 'null') return (block) => block;
  if (name === 'deflate') return (block) => inflateRawSync(block, { maxOutputLength });
  if (name === 'zstandard') return (block) => zstdDecompressSync(block, { maxOutputLength });
  throw new NotDecodable(`its codec ${JSON.stringify(name)} is not known`);
}

/** Avro's variable-length zig-zag integer. */
function number(reader: ByteReader): number {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.byte();
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n));
  }
  throw new NotDecodable('a number is longer than 64 bits');
}
