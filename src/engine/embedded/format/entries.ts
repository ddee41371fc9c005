import { ByteWriter, type ByteReader } from './bytes.ts';
import type { LogId } from '../../engine.ts';
import type { LogPlace } from '../../shared/shared-log.ts';
import { StoredKey, writeIdempotencyKey, type IdempotencyKeyEntry } from './idempotency-key-entry.ts';
import type { TableFile } from './table-file.ts';

/** A change recorded in a frame. Entries of a frame are applied in order. */
export type Entry =
  | ChunkEntry
  | IdempotencyKeyEntry
  | { readonly kind: 'trim'; readonly log: LogId; readonly before: number }
  | { readonly kind: 'seal'; readonly log: LogId }
  | DropEntry
  | { readonly kind: 'numbers'; readonly nextLog: LogId }
  | CatalogEntry
  | RowsEntry
  | TablesEntry
  | SegmentsEntry
  | LogEntry
  | SharedEntry;

/** Records of one log. `bytes` of the frame's payload belong to it, after those of the preceding chunks. */
export interface ChunkEntry {
  readonly kind: 'chunk';
  readonly log: LogId;
  readonly firstIndex: number;
  readonly count: number;
  readonly arrivalMs: number;
  readonly bytes: number;
  readonly crc: number;
}

/** The logs from `log` up to, but not including, `until` are dropped. */
export interface DropEntry {
  readonly kind: 'drop';
  readonly log: LogId;
  readonly until: LogId;
}

/** Row changes of the catalog. */
export interface CatalogEntry {
  readonly kind: 'catalog';
  readonly changes: readonly RowChange[];
  /** Size of the rows as JSON. */
  readonly bytes: number;
}

/** Row changes of disk tables, encoded by row-changes.ts and decoded only where they are needed. */
export interface RowsEntry {
  readonly kind: 'rows';
  readonly changes: Buffer;
}

/**
 * The complete list of table files, so that a later entry supersedes a damaged one. They hold the row changes of all
 * commits up to `commit`; later changes are in frames of `segment` and the segments after it.
 */
export interface TablesEntry {
  readonly kind: 'tables';
  readonly files: readonly TableFile[];
  readonly commit: number;
  readonly segment: number;
}

/** How far the folder is in the shared log: it has the frames up to this place. */
export interface SharedEntry extends LogPlace {
  readonly kind: 'shared';
  /** When the owner wrote that frame, by the owner's clock; of a takeover, when the frame before it was written. */
  readonly timeMs: number;
  /** The newest version of nagare that has owned the log. */
  readonly version: string;
}

/** `row` is null for a deletion. */
export type RowChange = readonly [table: string, key: string, row: object | null];

/** Segments that were removed from the store (`gone`) and those that replaced others (`came`). */
export interface SegmentsEntry {
  readonly kind: 'segments';
  readonly gone: readonly SegmentName[];
  readonly came: readonly SegmentName[];
}

export interface SegmentName {
  readonly number: number;
  readonly revision: number;
}

export function segmentKey(name: SegmentName): string {
  return `${name.number}-${name.revision}`;
}

/** The complete state of a log, in the checkpoint at the start of a segment. */
export interface LogEntry {
  readonly kind: 'log';
  readonly log: LogId;
  readonly firstIndex: number;
  readonly nextIndex: number;
  readonly lastArrivalMs: number;
  readonly sealed: boolean;
}

const KINDS = [
  '',
  'chunk',
  'idempotencyKey',
  'trim',
  'seal',
  'drop',
  'numbers',
  'catalog',
  'segments',
  'log',
  'rows',
  'tables',
  'shared',
] as const;

/** Entries as bytes: a commit is encoded once, for the shared log and for the copy of it here. */
export interface EncodedEntries {
  readonly entries: readonly Entry[];
  readonly bytes: Uint8Array;
}

export function encodeEntries(entries: readonly Entry[]): EncodedEntries {
  const out = new ByteWriter(entries.length * 64);
  for (const entry of entries) writeEntry(out, entry);
  return { entries, bytes: out.finish() };
}

export function writeEntry(out: ByteWriter, entry: Entry): void {
  out.u8(KINDS.indexOf(entry.kind));
  switch (entry.kind) {
    case 'chunk':
      return writeChunk(out, entry);
    case 'idempotencyKey':
      return writeIdempotencyKey(out, entry);
    case 'trim':
      out.u64(entry.log);
      return out.u64(entry.before);
    case 'seal':
      return out.u64(entry.log);
    case 'drop':
      out.u64(entry.log);
      return out.u64(entry.until);
    case 'numbers':
      return out.u64(entry.nextLog);
    case 'catalog':
      return writeJson(out, entry.changes);
    case 'rows':
      out.u32(entry.changes.length);
      return out.bytes(entry.changes);
    case 'tables':
      return writeTables(out, entry);
    case 'segments':
      return writeJson(out, { gone: entry.gone, came: entry.came });
    case 'log':
      return writeLog(out, entry);
    case 'shared':
      out.u64(entry.term);
      out.u64(entry.position);
      return writeJson(out, { timeMs: entry.timeMs, version: entry.version });
  }
}

/** Throws RangeError or SyntaxError when the bytes are not a valid entry. */
export function readEntry(from: ByteReader): Entry {
  const kind = KINDS[from.u8()] ?? '';
  switch (kind) {
    case 'chunk':
      return readChunk(from);
    case 'idempotencyKey':
      return new StoredKey(from);
    case 'trim':
      return { kind, log: from.u64(), before: from.u64() };
    case 'seal':
      return { kind, log: from.u64() };
    case 'drop':
      return { kind, log: from.u64(), until: from.u64() };
    case 'numbers':
      return { kind, nextLog: from.u64() };
    case 'catalog': {
      const before = from.left;
      // The frame's checksum proves that writeEntry wrote these bytes.
      const changes = readJson(from) as RowChange[];
      return { kind, changes, bytes: before - from.left };
    }
    case 'rows':
      return { kind, changes: from.bytes(from.u32()) };
    case 'tables':
      return { kind, ...(readJson(from) as Omit<TablesEntry, 'kind'>) };
    case 'segments':
      return { kind, ...(readJson(from) as Omit<SegmentsEntry, 'kind'>) };
    case 'log':
      return readLog(from);
    case 'shared': {
      const place = { term: from.u64(), position: from.u64() };
      return { kind, ...place, ...(readJson(from) as Pick<SharedEntry, 'timeMs' | 'version'>) };
    }
    case '':
      throw new RangeError('an entry of unknown kind');
  }
}

function writeChunk(out: ByteWriter, entry: ChunkEntry): void {
  out.u64(entry.log);
  out.u64(entry.firstIndex);
  out.u32(entry.count);
  out.u32(entry.bytes);
  out.u64(entry.arrivalMs);
  out.u32(entry.crc);
}

function readChunk(from: ByteReader): ChunkEntry {
  const [log, firstIndex, count, bytes] = [from.u64(), from.u64(), from.u32(), from.u32()];
  return { kind: 'chunk', log, firstIndex, count, bytes, arrivalMs: from.u64(), crc: from.u32() };
}

function writeLog(out: ByteWriter, entry: LogEntry): void {
  out.u64(entry.log);
  out.u64(entry.firstIndex);
  out.u64(entry.nextIndex);
  out.u64(entry.lastArrivalMs);
  out.u8(entry.sealed ? 1 : 0);
}

function readLog(from: ByteReader): LogEntry {
  const [log, firstIndex, nextIndex, lastArrivalMs] = [from.u64(), from.u64(), from.u64(), from.u64()];
  return { kind: 'log', log, firstIndex, nextIndex, lastArrivalMs, sealed: from.u8() === 1 };
}

function writeTables(out: ByteWriter, { files, commit, segment }: TablesEntry): void {
  writeJson(out, { files, commit, segment });
}

function writeJson(out: ByteWriter, value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value));
  out.u32(bytes.length);
  out.bytes(bytes);
}

function readJson(from: ByteReader): unknown {
  return JSON.parse(from.text(from.u32()));
}
