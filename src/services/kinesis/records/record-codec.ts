import { LENGTH_BYTES, type RecordPacker } from '../../../engine/packed-records.ts';
import { ENCRYPTED } from '../../../engine/payload-cipher.ts';

/**
 * How a record lies in an engine payload:
 *
 *     1 byte     flags: 1 encrypted, 2 has an explicit hash key; the other bits are 0
 *     2 bytes    length of the partition key's UTF-8, little-endian
 *     ...        the partition key
 *     1 byte     length of the explicit hash key (with flag 2 only), then its decimal digits
 *     the rest   the data
 *
 * An encrypted payload is the flags, then what engine/payload-cipher.ts made of the bytes after them.
 */
export interface StoredRecord {
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  /** A view of the engine's buffer. */
  readonly data: Buffer;
}

const EXPLICIT_HASH_KEY = 2;
const KEY_LENGTH_OFFSET = 1;
const KEY_OFFSET = 3;

/** The packed size of a record whose key is ASCII; other keys take more. */
export function packedBytes(
  partitionKey: string,
  explicitHashKey: string | undefined,
  data: Uint8Array,
): number {
  const explicitBytes = explicitHashKey === undefined ? 0 : 1 + explicitHashKey.length;
  return LENGTH_BYTES + KEY_OFFSET + partitionKey.length + explicitBytes + data.length;
}

export function packRecord(
  packer: RecordPacker,
  partitionKey: string,
  explicitHashKey: string | undefined,
  data: Uint8Array,
): void {
  const keyBytes = Buffer.byteLength(partitionKey);
  const explicitBytes = explicitHashKey === undefined ? 0 : 1 + explicitHashKey.length;
  const { buffer, offset } = packer.reserve(KEY_OFFSET + keyBytes + explicitBytes + data.length);
  buffer[offset] = explicitHashKey === undefined ? 0 : EXPLICIT_HASH_KEY;
  buffer.writeUInt16LE(keyBytes, offset + KEY_LENGTH_OFFSET);
  let at = offset + KEY_OFFSET;
  at += buffer.write(partitionKey, at);
  if (explicitHashKey !== undefined) {
    buffer[at] = explicitHashKey.length;
    at += 1 + buffer.write(explicitHashKey, at + 1, 'latin1');
  }
  buffer.set(data, at);
}

export function isEncrypted(bytes: Uint8Array, offset: number): boolean {
  return ((bytes[offset] ?? 0) & ENCRYPTED) !== 0;
}

/** The offset of the partition key in the payload at `offset`, which must not be encrypted. */
export function keyStart(offset: number): number {
  return offset + KEY_OFFSET;
}

export function keyEnd(view: DataView, offset: number): number {
  return offset + KEY_OFFSET + view.getUint16(offset + KEY_LENGTH_OFFSET, true);
}

/** The offset of the data in that payload, whose key ends at `end`. */
export function dataStart(view: DataView, offset: number, end: number): number {
  return (view.getUint8(offset) & EXPLICIT_HASH_KEY) === 0 ? end : end + 1 + view.getUint8(end);
}

/** Decodes the payload of `length` bytes at `offset`, which must not be encrypted. */
export function unpackRecord(bytes: Buffer, offset: number, length: number): StoredRecord {
  const afterKey = offset + KEY_OFFSET + bytes.readUInt16LE(offset + KEY_LENGTH_OFFSET);
  const partitionKey = bytes.toString('utf8', offset + KEY_OFFSET, afterKey);
  if (((bytes[offset] ?? 0) & EXPLICIT_HASH_KEY) === 0) {
    return { partitionKey, explicitHashKey: undefined, data: bytes.subarray(afterKey, offset + length) };
  }
  const explicitEnd = afterKey + 1 + (bytes[afterKey] ?? 0);
  return {
    partitionKey,
    explicitHashKey: bytes.toString('latin1', afterKey + 1, explicitEnd),
    data: bytes.subarray(explicitEnd, offset + length),
  };
}
