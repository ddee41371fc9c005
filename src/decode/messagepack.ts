import { float, integer } from './exact.ts';
import { blob, ByteReader, NotDecodable } from './reader.ts';

/** Reads one MessagePack value (https://github.com/msgpack/msgpack/blob/master/spec.md), which must be all there is. */
export function decodeMessagePack(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const value = read(reader, 0);
  if (reader.left > 0) throw new NotDecodable(`${reader.left} bytes follow the first value`);
  return value;
}

function read(reader: ByteReader, depth: number): unknown {
  reader.count(depth);
  const type = reader.byte();
  if (type <= 0x7f) return type;
  if (type <= 0x8f) return map(reader, type & 0x0f, depth);
  if (type <= 0x9f) return list(reader, type & 0x0f, depth);
  if (type <= 0xbf) return reader.text(type & 0x1f);
  if (type >= 0xe0) return type - 0x100;
  return readTyped(reader, type, depth);
}

function readTyped(reader: ByteReader, type: number, depth: number): unknown {
  const length = (size: number): number => Number(reader.unsigned(size));
  switch (type) {
    case 0xc0:
      return null;
    case 0xc2:
    case 0xc3:
      return type === 0xc3;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return blob(reader.bytes(length(1 << (type - 0xc4))));
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return extension(reader, length(1 << (type - 0xc7)));
    case 0xca:
      return float(reader.float());
    case 0xcb:
      return float(reader.double());
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      return integer(reader.unsigned(1 << (type - 0xcc)));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return integer(reader.signed(1 << (type - 0xd0)));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return reader.text(length(1 << (type - 0xd9)));
    case 0xdc:
    case 0xdd:
      return list(reader, length(2 << (type - 0xdc)), depth);
    case 0xde:
    case 0xdf:
      return map(reader, length(2 << (type - 0xde)), depth);
    default:
      if (type >= 0xd4 && type <= 0xd8) return extension(reader, 1 << (type - 0xd4));
      throw new NotDecodable(`0x${type.toString(16)} is no type of MessagePack`);
  }
}

function list(reader: ByteReader, length: number, depth: number): unknown[] {
  reader.checkLength(length);
  return Array.from({ length }, () => read(reader, depth + 1));
}

function map(reader: ByteReader, length: number, depth: number): object {
  reader.checkLength(length * 2);
  const entries: [string, unknown][] = [];
  for (let left = length; left > 0; left--) {
    const key = read(reader, depth + 1);
    entries.push([typeof key === 'string' ? key : JSON.stringify(key), read(reader, depth + 1)]);
  }
  return Object.fromEntries(entries);
}

const TIMESTAMP = -1;

function extension(reader: ByteReader, length: number): unknown {
  const type = Number(reader.signed(1));
  const bytes = reader.bytes(length);
  if (type === TIMESTAMP && length === 4) return new Date(bytes.readUInt32BE() * 1000).toISOString();
  if (type === TIMESTAMP && length === 8) {
    const both = bytes.readBigUInt64BE();
    return new Date(Number(both & 0x3_ffff_ffffn) * 1000 + Number(both >> 34n) / 1e6).toISOString();
  }
  return { extension: type, data: blob(bytes) };
}
