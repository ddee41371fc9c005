import { crc32 } from 'node:zlib';
import type { LogId, RecordRange } from '../../engine.ts';
import { hasErrorCode } from '../../../support/errno.ts';
import type { Disk, DiskFile } from '../disk.ts';
import { DamageError } from '../errors.ts';
import { ChunkIndex } from '../format/chunk-index.ts';
import { segmentKey, type ChunkEntry, type SegmentName } from '../format/entries.ts';
import { readIndexBlock, type Footer } from '../format/footer.ts';
import type { LogState } from '../log-state.ts';
import { segmentPath, SEGMENT_HEADER_BYTES } from '../read/segment-file.ts';
import { emptyIndexes, State } from '../state.ts';
import type { RowsOfCommit } from '../tables/row-store.ts';
import { DurableWatermark, type Watermark } from '../write/durable-watermark.ts';
import {
  inspectSegment,
  listSegments,
  type Damage,
  type InspectOptions,
  type SegmentInspection,
} from './inspect-segment.ts';
import { chunksOf } from './scan.ts';
import { inspectTables, type TableInspection } from './inspect-tables.ts';

/** Intact records and their place. They are verified again when they are copied. */
export interface SalvagedChunk {
  readonly entry: ChunkEntry;
  readonly offset: number;
}

interface Range {
  readonly log: LogId;
  readonly firstIndex: number;
  readonly count: number;
  readonly arrivalMs: number;
}

/** Records that are no longer in any segment. */
export interface LostRange extends RecordRange {
  /** Arrival of the record before the gap, or 0: the time that readers see for the gap. */
  readonly gapArrivalMs: number;
}

/** A segment of the store, and what repair must do with it. */
export interface SalvagedSegment {
  readonly name: SegmentName;
  readonly isDamaged: boolean;
  /** Its intact chunks when it must be rewritten; undefined when it can stay. */
  readonly chunks: SalvagedChunk[] | undefined;
  readonly lost: LostRange[];
  readonly ranges: readonly Range[];
}

export interface Salvage {
  readonly state: State;
  readonly store: Buffer | undefined;
  readonly present: readonly SegmentName[];
  readonly segments: readonly SalvagedSegment[];
  readonly tables: readonly TableInspection[];
  readonly damages: readonly Damage[];
}

/** The result of reading all segments: the damage, and the state as far as it can be determined. */
export interface StoreInspection {
  readonly present: readonly SegmentName[];
  readonly inspections: readonly SegmentInspection[];
  readonly tables: readonly TableInspection[];
  readonly state: State;
  readonly mark: Watermark | undefined;
}

/**
 * Reads all files and verifies every checksum; changes nothing. While a server runs, segments may be removed meanwhile,
 * and the current one is read up to the watermark.
 */
export async function inspectStore(
  disk: Disk,
  present: readonly SegmentName[],
  { isRunning } = { isRunning: false },
): Promise<StoreInspection> {
  // A damaged watermark gives no information.
  const mark = await DurableWatermark.read(disk).catch((error: unknown) => {
    if (error instanceof DamageError) return undefined;
    throw error;
  });
  const inspect: Inspect = async (name, visit) => {
    const durableEnd = durableEndOf(name, mark);
    const options = { durableEnd, until: isRunning ? durableEnd : undefined, ...(visit && { visit }) };
    try {
      return await inspectSegment(disk, name, options);
    } catch (error) {
      if (isRunning && hasErrorCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  };
  const inspections: SegmentInspection[] = [];
  for (const name of present) {
    const inspection = await inspect(name);
    if (inspection !== undefined) inspections.push(inspection);
  }
  const state = await salvageState(inspections, inspect);
  const tables = await inspectTables(disk, state, { isRunning });
  return { present, inspections, tables, mark, state };
}

type Inspect = (name: SegmentName, visit?: InspectOptions['visit']) => Promise<SegmentInspection | undefined>;

/** The damage in segments that belong to the store; leftovers of a crash do not count. */
export function damagesIn({ inspections, tables, state }: StoreInspection): Damage[] {
  const names = segmentsOf(inspections, state);
  const segments = inspections.filter(({ name }) => names.has(segmentKey(name)));
  return [...segments, ...tables].flatMap(({ damages }) => damages);
}

function segmentsOf(inspections: readonly SegmentInspection[], state: State): Map<string, SegmentName> {
  const names = new Map(state.live);
  const newest = newestOf(inspections);
  if (newest !== undefined) names.set(segmentKey(newest.name), newest.name);
  return names;
}

function newestOf(inspections: readonly SegmentInspection[]): SegmentInspection | undefined {
  return inspections.findLast(({ name }) => name.revision === 0);
}

/** Reads all intact data, and finds which records are lost. */
export async function salvage(disk: Disk): Promise<Salvage> {
  const present = await listSegments(disk);
  const inspection = await inspectStore(disk, present);
  const { inspections, tables, state, mark } = inspection;
  const newest = newestOf(inspections);
  const names = segmentsOf(inspections, state);
  const damages = damagesIn(inspection);
  const segments: SalvagedSegment[] = [];
  for (const name of [...names.values()].sort((a, b) => a.number - b.number)) {
    const inspection = inspections.find((one) => segmentKey(one.name) === segmentKey(name));
    if (inspection === undefined)
      damages.push({ file: segmentPath(name), offset: 0, problem: 'the file is missing' });
    const isCut = inspection !== undefined && inspection.end < (durableEndOf(name, mark) ?? 0);
    if (isCut)
      damages.push({ file: inspection.path, offset: inspection.end, problem: 'the file is truncated' });
    const isNewest = inspection === newest;
    segments.push(await salvageSegment(disk, name, { inspection, state, mark, isNewest, isCut }));
  }
  for (const log of state.logs.values()) findLost(log, segments);
  const store = inspections.find((one) => one.store !== undefined)?.store;
  return { state, store, present, segments, tables, damages };
}

function durableEndOf(name: SegmentName, mark: Watermark | undefined): number | undefined {
  return mark?.segment === name.number && name.revision === 0 ? mark.end : undefined;
}

/** Starts from the newest intact checkpoint: if the newest segment's is damaged, from the one before, and so on. */
async function salvageState(inspections: readonly SegmentInspection[], inspect: Inspect): Promise<State> {
  const state = new State();
  const plain = inspections.filter(({ name }) => name.revision === 0);
  const base = Math.max(
    0,
    plain.findLastIndex(({ hasStart }) => hasStart),
  );
  state.rows.beginReplay(plain[base]?.name.number ?? 0);
  for (const [ordinal, { name }] of plain.entries()) {
    if (ordinal < base) continue;
    state.active = emptyIndexes(name.number);
    await inspect(name, (frame) => {
      // A later segment's checkpoint repeats the state of the frames before it.
      if (ordinal > base && frame.position === SEGMENT_HEADER_BYTES) return;
      state.apply(frame.entries, frame);
      state.commit = Math.max(state.commit, frame.commit);
    });
    if (ordinal < plain.length - 1) state.live.set(segmentKey(name), name);
  }
  state.rows.finishReplay(await rowsBefore(plain.slice(0, base), state, inspect));
  return state;
}

/** Row changes in segments before the checkpoint that are not in a table file yet. */
async function rowsBefore(
  segments: readonly SegmentInspection[],
  state: State,
  inspect: Inspect,
): Promise<RowsOfCommit[]> {
  const found: RowsOfCommit[] = [];
  const { flushedCommit, firstSegment } = state.rows;
  for (const { name } of segments.filter((segment) => segment.name.number >= firstSegment)) {
    await inspect(name, ({ commit, entries }) => {
      for (const entry of entries) {
        const isOfRows = entry.kind === 'catalog' || entry.kind === 'rows';
        if (isOfRows && commit > flushedCommit) found.push({ commit, entry });
      }
    });
  }
  return found;
}

async function salvageSegment(
  disk: Disk,
  name: SegmentName,
  about: {
    readonly inspection: SegmentInspection | undefined;
    readonly state: State;
    readonly mark: Watermark | undefined;
    readonly isNewest: boolean;
    readonly isCut: boolean;
  },
): Promise<SalvagedSegment> {
  const { inspection, state, mark, isNewest, isCut } = about;
  if (inspection === undefined) return { name, isDamaged: true, chunks: [], lost: [], ranges: [] };
  const { footer } = inspection;
  const isDamaged = isCut || inspection.damages.length > 0 || (footer === undefined && !isNewest);
  if (!isDamaged && !isNewest) {
    const ranges = (footer?.logs ?? []).map((row) => ({
      log: row.log,
      firstIndex: row.firstIndex,
      count: row.nextIndex - row.firstIndex,
      arrivalMs: row.lastArrivalMs,
    }));
    return { name, isDamaged, chunks: undefined, lost: [], ranges };
  }
  const found = new Map<string, SalvagedChunk>();
  const isMissing = ({ log, firstIndex, count }: ChunkEntry): boolean =>
    firstIndex + count > (state.logs.get(log)?.firstIndex ?? Infinity) && !found.has(`${log}:${firstIndex}`);
  const add = (entry: ChunkEntry, offset: number): void => {
    if (isMissing(entry)) found.set(`${entry.log}:${entry.firstIndex}`, { entry, offset });
  };
  await inspectSegment(disk, name, {
    durableEnd: durableEndOf(name, mark),
    visit: (frame) => {
      for (const [entry, , offset] of chunksOf(frame)) add(entry, offset);
    },
  });
  // The footer's indexes also find chunks whose frame has a damaged head.
  if (footer !== undefined) await addIndexed(disk, name, footer, { isMissing, add });
  const chunks = [...found.values()].sort(
    (a, b) => a.entry.log - b.entry.log || a.entry.firstIndex - b.entry.firstIndex,
  );
  return { name, isDamaged, chunks, lost: [], ranges: chunks.map(({ entry }) => entry) };
}

async function addIndexed(
  disk: Disk,
  name: SegmentName,
  footer: Footer,
  to: { isMissing(entry: ChunkEntry): boolean; add(entry: ChunkEntry, offset: number): void },
): Promise<void> {
  const path = segmentPath(name);
  const file = await disk.open(path, 'read');
  try {
    for (const row of footer.logs) {
      const block = await readIndexBlock(file, path, row).catch((error: unknown) => {
        if (error instanceof DamageError) return undefined;
        throw error;
      });
      if (block === undefined) continue;
      const index = ChunkIndex.fromBytes(row.firstIndex, block);
      for (let ordinal = 0; ordinal < index.length; ordinal++) {
        const { offset, ...place } = index.at(ordinal);
        const entry: ChunkEntry = { kind: 'chunk', log: row.log, ...place };
        if (!to.isMissing(entry)) continue;
        if ((await readChunk(file, { entry, offset })) !== undefined) to.add(entry, offset);
      }
    }
  } finally {
    await file.close();
  }
}

/** Returns a chunk's records; undefined when they are damaged. */
export async function readChunk(
  file: DiskFile,
  { entry, offset }: SalvagedChunk,
): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(entry.bytes);
  const read = await file.read(bytes, offset);
  return read === entry.bytes && crc32(bytes) === entry.crc ? bytes : undefined;
}

/** Marks the ranges between the intact ones as lost; a segment rewritten between them records this. */
function findLost(log: LogState, segments: readonly SalvagedSegment[]): void {
  let expected = log.firstIndex;
  let arrivalMs = 0;
  let since = 0;
  const lose = (until: number, before: number): void => {
    const place = segments.slice(since, before + 1).find(({ chunks }) => chunks !== undefined);
    if (until <= expected || place === undefined) return;
    place.lost.push({
      log: log.id,
      firstIndex: expected,
      count: until - expected,
      gapArrivalMs: arrivalMs,
      ...(arrivalMs > 0 ? { previousArrivalMs: arrivalMs } : {}),
    });
  };
  for (const [ordinal, segment] of segments.entries()) {
    for (const range of segment.ranges) {
      const end = range.firstIndex + range.count;
      if (range.log !== log.id || end <= expected) continue;
      lose(range.firstIndex, ordinal);
      expected = end;
      since = ordinal;
      arrivalMs = range.arrivalMs;
    }
  }
  lose(log.nextIndex, segments.length - 1);
}
