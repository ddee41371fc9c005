import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

import type { LogId } from '../../engine.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { CHUNK_INDEX_BYTES, type ChunkIndex } from './chunk-index.ts';
import type { DiskFile } from '../disk.ts';
import { DamageError } from '../errors.ts';
import { SEGMENT_HEADER_BYTES } from '../read/segment-file.ts';
import { KEY_PLACE_BYTES } from '../write/idempotency-table.ts';

/**
 * The end of a sealed segment: the chunk indexes of its logs, a table of these logs, the places of its idempotency
 * keys, and a trailer of fixed size in the last bytes of the file.
 */
const TRAILER_BYTES = 72;
const TRAILER_MAGIC = 0x6c_65_61_53;
const LOG_ROW_BYTES = 56;

/** One log's part of a sealed segment. */
export interface LogRow {
  readonly log: LogId;
  readonly firstIndex: number;
  readonly nextIndex: number;
  readonly lastArrivalMs: number;
  /** Bytes of payload. */
  readonly bytes: number;
  readonly indexAt: number;
  readonly chunks: number;
  readonly indexCrc: number;
}

/** Size of a chunk's entry in its frame (entries.ts). */
const CHUNK_ENTRY_BYTES = 37;

/**
 * What a log's part takes in a segment that has nothing else, so that rewriting it would free nothing; greater than 0 even
 * when its records were lost.
 */
export function bytesOf(row: LogRow): number {
  return LOG_ROW_BYTES + row.bytes + row.chunks * (CHUNK_INDEX_BYTES + CHUNK_ENTRY_BYTES);
}

export interface Footer {
  /** Where the frames end and the footer begins. */
  readonly framesEnd: number;
  readonly size: number;
  readonly logs: readonly LogRow[];
  /** Time of the newest key; 0 without keys. */
  readonly newestKeyMs: number;
  readonly keysAt: number;
  readonly keys: number;
  readonly keysCrc: number;
}

export interface FooterContents {
  readonly number: number;
  readonly framesEnd: number;
  readonly indexes: ReadonlyMap<LogId, ChunkIndex>;
  /** As returned by KeyPlaces.toBytes. */
  readonly keys: Buffer;
  readonly newestKeyMs: number;
}

export function encodeFooter(parts: FooterContents): { pieces: Buffer[]; footer: Footer } {
  const pieces: Buffer[] = [];
  const logs: LogRow[] = [];
  let at = parts.framesEnd;
  for (const log of [...parts.indexes.keys()].sort((a, b) => a - b)) {
    const index = parts.indexes.get(log);
    if (index === undefined || index.length === 0) continue;
    const block = index.toBytes();
    assert.equal(block.length, index.length * CHUNK_INDEX_BYTES);
    logs.push(logRow(log, index, at, crc32(block)));
    pieces.push(block);
    at += block.length;
  }
  assert.equal(parts.keys.length % KEY_PLACE_BYTES, 0, 'an incomplete idempotency key');
  const keysAt = at;
  const table = encodeLogs(logs);
  const tableAt = keysAt + parts.keys.length;
  const keys = parts.keys.length / KEY_PLACE_BYTES;
  const trailer = new ByteWriter(TRAILER_BYTES);
  trailer.u32(TRAILER_MAGIC);
  trailer.u32(logs.length);
  for (const value of [parts.number, parts.framesEnd, keysAt, keys, tableAt]) trailer.u64(value);
  trailer.u64(parts.newestKeyMs);
  trailer.u32(crc32(parts.keys));
  trailer.u32(crc32(table));
  trailer.u32(0);
  trailer.u32(crc32(trailer.finish()));
  pieces.push(parts.keys, table, trailer.finish());
  const size = tableAt + table.length + TRAILER_BYTES;
  const { framesEnd, newestKeyMs } = parts;
  return {
    pieces,
    footer: { framesEnd, size, logs, newestKeyMs, keysAt, keys, keysCrc: crc32(parts.keys) },
  };
}

/** Returns undefined when the file does not end with a trailer, because it was never sealed. Throws DamageError. */
export async function readFooter(file: DiskFile, path: string, number: number): Promise<Footer | undefined> {
  const size = await file.size();
  if (size < SEGMENT_HEADER_BYTES + TRAILER_BYTES) return undefined;
  const trailer = Buffer.alloc(TRAILER_BYTES);
  await file.read(trailer, size - TRAILER_BYTES);
  const from = new ByteReader(trailer);
  const magic = from.u32();
  if (trailer.readUInt32LE(TRAILER_BYTES - 4) !== crc32(trailer.subarray(0, -4)) || magic !== TRAILER_MAGIC) {
    return undefined;
  }
  const count = from.u32();
  const [own, framesEnd, keysAt, keys, tableAt, newestKeyMs] = readU64s(from);
  const [keysCrc, tableCrc] = [from.u32(), from.u32()];
  const table = Buffer.alloc(count * LOG_ROW_BYTES);
  if (own !== number || tableAt + table.length + TRAILER_BYTES !== size) {
    throw new DamageError(path, size - TRAILER_BYTES, 'its trailer has the number or length of another file');
  }
  assert(
    framesEnd <= keysAt && keysAt + keys * KEY_PLACE_BYTES === tableAt,
    'a footer with its parts out of order',
  );
  await file.read(table, tableAt);
  if (crc32(table) !== tableCrc)
    throw new DamageError(path, tableAt, 'checksum mismatch in the table of logs');
  return { framesEnd, size, logs: decodeLogs(table), newestKeyMs, keysAt, keys, keysCrc };
}

export async function readKeys(file: DiskFile, path: string, footer: Footer): Promise<Buffer> {
  const bytes = Buffer.alloc(footer.keys * KEY_PLACE_BYTES);
  await file.read(bytes, footer.keysAt);
  if (crc32(bytes) !== footer.keysCrc) {
    throw new DamageError(path, footer.keysAt, 'checksum mismatch in the table of idempotency keys');
  }
  return bytes;
}

export async function readIndexBlock(file: DiskFile, path: string, row: LogRow): Promise<Buffer> {
  const bytes = Buffer.alloc(row.chunks * CHUNK_INDEX_BYTES);
  await file.read(bytes, row.indexAt);
  if (crc32(bytes) !== row.indexCrc) {
    throw new DamageError(path, row.indexAt, `checksum mismatch in the index of log ${row.log}`);
  }
  return bytes;
}

function logRow(log: LogId, index: ChunkIndex, indexAt: number, indexCrc: number): LogRow {
  let bytes = 0;
  for (let ordinal = 0; ordinal < index.length; ordinal++) bytes += index.at(ordinal).bytes;
  const lastArrivalMs = index.at(index.length - 1).arrivalMs;
  const { nextIndex, length: chunks } = index;
  return { log, firstIndex: index.base, nextIndex, lastArrivalMs, bytes, indexAt, chunks, indexCrc };
}

function encodeLogs(logs: readonly LogRow[]): Buffer {
  const out = new ByteWriter(logs.length * LOG_ROW_BYTES + 1);
  for (const row of logs) {
    for (const value of [row.log, row.firstIndex, row.nextIndex, row.lastArrivalMs, row.bytes, row.indexAt]) {
      out.u64(value);
    }
    out.u32(row.chunks);
    out.u32(row.indexCrc);
  }
  return out.finish();
}

function decodeLogs(table: Buffer): LogRow[] {
  const from = new ByteReader(table);
  const logs: LogRow[] = [];
  while (from.left > 0) {
    const [log, firstIndex, nextIndex, lastArrivalMs, bytes, indexAt] = readU64s(from);
    const [chunks, indexCrc] = [from.u32(), from.u32()];
    logs.push({ log, firstIndex, nextIndex, lastArrivalMs, bytes, indexAt, chunks, indexCrc });
  }
  return logs;
}

function readU64s(from: ByteReader): [number, number, number, number, number, number] {
  return [from.u64(), from.u64(), from.u64(), from.u64(), from.u64(), from.u64()];
}
