import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

import type { DiskFile } from '../disk.ts';
import { DamageError } from '../errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { RowKey } from './row-key.ts';
import { checkFormatVersion, FORMAT_VERSION } from './version.ts';

export const TABLES_FOLDER = 'tables';
export const TABLE_HEADER_BYTES = 64;
export const TABLE_TRAILER_BYTES = 64;
const MAGIC = Buffer.from('nagareTB');
const TRAILER_MAGIC = 0x64_6e_45_54;

/** A sorted file of rows, as frames refer to it. Never changed; its number is never reused. */
export interface TableFile {
  readonly number: number;
  /** Level 0 holds the newest rows; its files may overlap. From level 1 on, the files of a level do not overlap. */
  readonly level: number;
  readonly bytes: number;
  readonly rows: number;
  /** Rows that mark a deletion; included in `rows`. */
  readonly deleted: number;
  readonly first: RowKey;
  readonly last: RowKey;
}

export interface TableTrailer {
  readonly size: number;
  /** Where the top block begins; it ends at the trailer. */
  readonly topAt: number;
  readonly rows: number;
  readonly deleted: number;
}

/** 8 magic | u32 format version | u64 number | u64 created (ms) | 16 store id | zeros | u32 crc */
export function encodeTableHeader(number: number, createdMs: number, store: Uint8Array): Buffer {
  const out = new ByteWriter(TABLE_HEADER_BYTES);
  out.bytes(MAGIC);
  out.u32(FORMAT_VERSION);
  out.u64(number);
  out.u64(createdMs);
  out.bytes(store);
  return out.finishWithChecksum(TABLE_HEADER_BYTES);
}

/** u32 magic | u32 0 | u64 number | u64 where the top block is | u64 rows | u64 deleted ones | u64 size | zeros | u32 crc */
export function encodeTableTrailer(number: number, trailer: TableTrailer): Buffer {
  checkTrailer(trailer);
  const out = new ByteWriter(TABLE_TRAILER_BYTES);
  out.u32(TRAILER_MAGIC);
  out.u32(0);
  for (const value of [number, trailer.topAt, trailer.rows, trailer.deleted, trailer.size]) out.u64(value);
  return out.finishWithChecksum(TABLE_TRAILER_BYTES);
}

/** Verifies that both ends of the file are intact and belong to this store. Throws DamageError, FormatVersionError. */
export async function readTableTrailer(
  file: DiskFile,
  number: number,
  store: Buffer | undefined,
): Promise<TableTrailer> {
  const path = tablePath(number);
  const header = Buffer.alloc(TABLE_HEADER_BYTES);
  await file.read(header, 0);
  checkHeader(header, path, number, store);
  const size = await file.size();
  const bytes = Buffer.alloc(TABLE_TRAILER_BYTES);
  const at = Math.max(TABLE_HEADER_BYTES, size - TABLE_TRAILER_BYTES);
  await file.read(bytes, at);
  const from = new ByteReader(bytes);
  const magic = from.u32();
  from.u32();
  const [own, topAt, rows, deleted, written] = [from.u64(), from.u64(), from.u64(), from.u64(), from.u64()];
  if (!hasChecksum(bytes) || magic !== TRAILER_MAGIC) {
    throw new DamageError(path, at, 'it is truncated, or its end is damaged');
  }
  if (own !== number || written !== size)
    throw new DamageError(path, at, 'its trailer has the number or length of another file');
  const trailer = { size, topAt, rows, deleted };
  checkTrailer(trailer);
  return trailer;
}

function checkTrailer({ size, topAt, rows, deleted }: TableTrailer): void {
  assert(rows > 0 && deleted <= rows, 'a table file without rows, or with more deletions than rows');
  assert(topAt >= TABLE_HEADER_BYTES && topAt < size, 'a table file whose top block lies outside it');
}

function checkHeader(header: Buffer, path: string, number: number, store: Buffer | undefined): void {
  const from = new ByteReader(header);
  const magic = from.bytes(MAGIC.length);
  if (!magic.equals(MAGIC) || !hasChecksum(header))
    throw new DamageError(path, 0, 'checksum mismatch in its header');
  checkFormatVersion(path, from.u32());
  const own = from.u64();
  if (own !== number) throw new DamageError(path, 0, `its header belongs to ${tablePath(own)}`);
  from.u64();
  if (store !== undefined && !from.bytes(16).equals(store))
    throw new DamageError(path, 0, 'it belongs to another store');
}

export function tablePath(number: number): string {
  return `${TABLES_FOLDER}/${String(number).padStart(12, '0')}.table`;
}

/** Undefined when the name is not a table file's. */
export function parseTableName(fileName: string): number | undefined {
  const match = /^(\d{12,16})\.table$/.exec(fileName);
  return match === null ? undefined : Number(match[1]);
}

function hasChecksum(bytes: Buffer): boolean {
  return crc32(bytes.subarray(0, -4)) === bytes.readUInt32LE(bytes.length - 4);
}
