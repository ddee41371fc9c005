import { crc32 } from 'node:zlib';

import { ByteReader, ByteWriter } from '../format/bytes.ts';
import type { SegmentName } from '../format/entries.ts';
import { checkFormatVersion, FORMAT_VERSION } from '../format/version.ts';
import { DamageError } from '../errors.ts';

export const SEGMENTS_FOLDER = 'segments';
export const SEGMENT_HEADER_BYTES = 64;
const MAGIC = Buffer.from('nagareSG');

/**
 * The first bytes of a segment:
 *   8 magic | u32 format version | u64 number | u64 revision | u64 created (ms) | 16 store id | zeros | u32 crc
 */
export interface SegmentHeader extends SegmentName {
  readonly formatVersion: number;
  readonly createdMs: number;
  /** A random id drawn when the store is created, so that segments of another store are detected. */
  readonly store: Buffer;
}

export function encodeSegmentHeader(header: Omit<SegmentHeader, 'formatVersion'>): Buffer {
  const out = new ByteWriter(SEGMENT_HEADER_BYTES);
  out.bytes(MAGIC);
  out.u32(FORMAT_VERSION);
  out.u64(header.number);
  out.u64(header.revision);
  out.u64(header.createdMs);
  out.bytes(header.store);
  return out.finishWithChecksum(SEGMENT_HEADER_BYTES);
}

/** Throws DamageError, FormatVersionError. */
export function decodeSegmentHeader(path: string, bytes: Buffer): SegmentHeader {
  if (bytes.length < SEGMENT_HEADER_BYTES) throw new DamageError(path, bytes.length, 'it is truncated');
  const from = new ByteReader(bytes);
  const magic = from.bytes(MAGIC.length);
  const formatVersion = from.u32();
  const [number, revision, createdMs, store] = [from.u64(), from.u64(), from.u64(), from.bytes(16)];
  const body = bytes.subarray(0, SEGMENT_HEADER_BYTES - 4);
  if (!magic.equals(MAGIC) || bytes.readUInt32LE(SEGMENT_HEADER_BYTES - 4) !== crc32(body)) {
    throw new DamageError(path, 0, 'checksum mismatch in its header');
  }
  // Check the version after the checksum: a flipped bit in it is damage, not another version.
  checkFormatVersion(path, formatVersion);
  return { formatVersion, number, revision, createdMs, store: Buffer.from(store) };
}

export function segmentPath(name: SegmentName): string {
  return `${SEGMENTS_FOLDER}/${String(name.number).padStart(12, '0')}-${name.revision}.segment`;
}

/** Undefined when the name is not a segment's. */
export function parseSegmentName(fileName: string): SegmentName | undefined {
  const match = /^(\d{12,16})-(\d{1,9})\.segment$/.exec(fileName);
  return match === null ? undefined : { number: Number(match[1]), revision: Number(match[2]) };
}

export function sameSegment(a: SegmentName, b: SegmentName): boolean {
  return a.number === b.number && a.revision === b.revision;
}
