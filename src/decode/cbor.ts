import { rawJson } from '../support/json-source.ts';
import { float, integer } from './exact.ts';
import { blob, ByteReader, NotDecodable } from './reader.ts';

/** Reads one CBOR item (RFC 8949), which must be all there is. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const value = read(reader, 0);
  if (value === BREAK) throw new NotDecodable('it begins with a break');
  if (reader.left > 0) throw new NotDecodable(`${reader.left} bytes follow the first item`);
  return value;
}

const BREAK = Symbol('break');
const INDEFINITE = 31;

function read(reader: ByteReader, depth: number): unknown {
  reader.count(depth);
  const first = reader.byte();
  const major = first >> 5;
  const info = first & 31;
  if (major === 7) return simple(reader, info);
  if (info === INDEFINITE) return indefinite(reader, major, depth);
  const argument = argumentOf(reader, info);
  switch (major) {
    case 0:
      return integer(argument);
    case 1:
      return integer(-1n - argument);
    case 2:
      return blob(reader.bytes(Number(argument)));
    case 3:
      return reader.text(Number(argument));
    case 4:
      return list(reader, Number(argument), depth);
    case 5:
      return map(reader, Number(argument), depth);
    default:
      return tagged(reader, argument, depth);
  }
}

function argumentOf(reader: ByteReader, info: number): bigint {
  if (info < 24) return BigInt(info);
  if (info > 27) throw new NotDecodable(`reserved additional information ${info}`);
  return reader.unsigned(1 << (info - 24));
}

function simple(reader: ByteReader, info: number): unknown {
  switch (info) {
    case 20:
    case 21:
      return info === 21;
    case 22:
    case 23:
      return null;
    case 25:
      return float(half(Number(reader.unsigned(2))));
    case 26:
      return float(reader.float());
    case 27:
      return float(reader.double());
    case INDEFINITE:
      return BREAK;
    default:
      throw new NotDecodable(`simple value ${info} has no meaning`);
  }
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function list(reader: ByteReader, length: number, depth: number): unknown[] {
  reader.checkLength(length);
  return Array.from({ length }, () => item(reader, depth + 1));
}

function item(reader: ByteReader, depth: number): unknown {
  const value = read(reader, depth);
  if (value === BREAK) throw new NotDecodable('a break is inside of a list of known length');
  return value;
}

function map(reader: ByteReader, length: number, depth: number): object {
  reader.checkLength(length * 2);
  const entries: [string, unknown][] = [];
  for (let left = length; left > 0; left--) {
    entries.push([keyOf(item(reader, depth + 1)), item(reader, depth + 1)]);
  }
  return Object.fromEntries(entries);
}

function keyOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function indefinite(reader: ByteReader, major: number, depth: number): unknown {
  const parts: unknown[] = [];
  for (let value = read(reader, depth + 1); value !== BREAK; value = read(reader, depth + 1))
    parts.push(value);
  if (major === 4) return parts;
  if (major === 3) return parts.join('');
  if (major === 2) {
    return blob(Buffer.concat(parts.map((part) => Buffer.from(String(part), 'base64'))));
  }
  if (major !== 5 || parts.length % 2 === 1) throw new NotDecodable('an item of unknown length is malformed');
  const pairs = Array.from({ length: parts.length / 2 }, (_, at) => [
    keyOf(parts[at * 2]),
    parts[at * 2 + 1],
  ]);
  return Object.fromEntries(pairs) as object;
}

/** Big numbers are numbers and times are times; of other tags the content counts. */
function tagged(reader: ByteReader, tag: bigint, depth: number): unknown {
  const value = item(reader, depth + 1);
  if (tag === 1n && typeof value === 'number' && Math.abs(value) < 8.64e12) {
    return new Date(value * 1000).toISOString();
  }
  if ((tag === 2n || tag === 3n) && typeof value === 'string') {
    const hex = Buffer.from(value, 'base64').toString('hex');
    const number = BigInt(`0x${hex === '' ? '0' : hex}`);
    return rawJson(String(tag === 2n ? number : -1n - number));
  }
  return value;
}
