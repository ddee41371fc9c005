import { randomBytes } from 'node:crypto';

import { ActiveSegment } from '../write/active-segment.ts';
import type { Disk, DiskFile } from '../disk.ts';
import { segmentKey, type SegmentName } from '../format/entries.ts';
import { DamageError } from '../errors.ts';
import { bytesOf, readFooter, readKeys, type Footer } from '../format/footer.ts';
import { DurableWatermark, type Watermark } from '../write/durable-watermark.ts';
import { TABLES_FOLDER } from '../format/table-file.ts';
import { attachTables, earlierRows } from './table-files.ts';
import { SealedSegment } from '../read/sealed-segment.ts';
import { findLaterFrame, scanFrames } from './scan.ts';
import { readSeededKeys } from './seeded-keys.ts';
import {
  decodeSegmentHeader,
  parseSegmentName,
  type SegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentPath,
  SEGMENTS_FOLDER,
} from '../read/segment-file.ts';
import { emptyIndexes, State } from '../state.ts';

export interface Recovered {
  readonly state: State;
  readonly store: Buffer;
  /** Undefined in a new store. */
  readonly active: ActiveSegment | undefined;
  /** Idempotency keys of sealed segments that may still be needed. */
  readonly keys: { readonly segment: number; readonly places: Buffer }[];
  /** Files that no longer belong to the store. */
  readonly leftovers: readonly string[];
}

export interface RecoverOptions {
  /** Idempotency keys that were stored before are not needed. */
  readonly keysSinceMs: number;
  /**
   * Of a copy of a shared log: the time at which it learns of keys. Its frames were written without a sync, so that a
   * power failure may have lost some and kept later ones. They are cut off; the shared log has them.
   */
  readonly copyNow?: (() => number) | undefined;
}

/**
 * Recovers the durable state. The newest segment begins with a checkpoint, and its frames have what came after. Rows
 * are in the table files that it names, and in frames written after those files, some of which may be in older
 * segments; otherwise only the footers of older segments are read. Throws DamageError.
 */
export async function recover(disk: Disk, options: RecoverOptions): Promise<Recovered> {
  await disk.makeFolder(SEGMENTS_FOLDER);
  await disk.makeFolder(TABLES_FOLDER);
  // Also the names that a process made which was killed before it synced them.
  await disk.syncFolder('.');
  const files = await disk.list(SEGMENTS_FOLDER);
  const names = files.map(parseSegmentName).filter((name) => name !== undefined);
  const mark = await DurableWatermark.read(disk);
  const newest = names.reduce(
    (a: SegmentName | undefined, b) => (a && a.number > b.number ? a : b),
    undefined,
  );
  const blank = new State(options.copyNow);
  if (newest === undefined) return await newStore(disk, mark, blank);
  checkMark(mark, newest);
  const isCopy = options.copyNow !== undefined;
  const { state, active } = await recoverNewest(disk, newest, { mark, isCopy, state: blank });
  const newestKeyOf = isCopy ? await readSeededKeys(disk) : (_: number, newestKeyMs: number) => newestKeyMs;
  const keys = await attachSealed(disk, state, names, { ...options, store: mark.store, newestKeyOf });
  const unnamed = await attachTables(disk, state, mark.store);
  state.rows.finishReplay(await earlierRows(disk, state));
  const leftovers = files.filter((file) => {
    const name = parseSegmentName(file);
    return name === undefined || (name.number !== newest.number && !state.live.has(segmentKey(name)));
  });
  return {
    state,
    store: mark.store,
    active,
    keys,
    leftovers: [...leftovers.map((file) => `${SEGMENTS_FOLDER}/${file}`), ...unnamed],
  };
}

async function newStore(disk: Disk, mark: Watermark | undefined, state: State): Promise<Recovered> {
  if (mark !== undefined && mark.segment > 0) {
    throw DamageError.missing(segmentPath({ number: mark.segment, revision: 0 }));
  }
  const store = mark?.store ?? randomBytes(16);
  if (mark === undefined) await DurableWatermark.create(disk, { store, segment: 0, end: 0 });
  return { state, store, active: undefined, keys: [], leftovers: [] };
}

function checkMark(mark: Watermark | undefined, newest: SegmentName): asserts mark is Watermark {
  if (mark === undefined) throw DamageError.missing('mark');
  if (mark.segment > newest.number) {
    throw DamageError.missing(segmentPath({ number: mark.segment, revision: 0 }));
  }
}

async function recoverNewest(
  disk: Disk,
  name: SegmentName,
  { mark, isCopy, state }: { readonly mark: Watermark; readonly isCopy: boolean; readonly state: State },
): Promise<{ state: State; active: ActiveSegment }> {
  const path = segmentPath(name);
  const file = await disk.open(path, 'write');
  try {
    const { formatVersion } = await checkHeader(file, path, name, mark.store);
    state.active = emptyIndexes(name.number);
    state.rows.beginReplay(name.number);
    let checkpointEnd = 0;
    const scanned = await scanFrames(file, { segment: name.number }, (frame) => {
      state.apply(frame.entries, frame);
      state.commit = frame.commit;
      checkpointEnd ||= frame.payloadAt;
    });
    await checkEnd(file, path, name.number, { ...scanned, checkpointEnd, mark, isCopy });
    if (scanned.fault !== undefined) await file.truncate(scanned.end);
    await makeDurable(file, {
      from: mark.segment === name.number ? mark.end : checkpointEnd,
      end: scanned.end,
    });
    await disk.syncFolder(SEGMENTS_FOLDER);
    const place = { checkpointEnd, end: scanned.end };
    return { state, active: new ActiveSegment(name.number, file, place, formatVersion) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * What was read may be in the kernel's cache only: the previous process may have been killed before a sync, or after a
 * failed one. Everything beyond the watermark is written again, because a failed sync leaves pages that look clean.
 */
async function makeDurable(
  file: DiskFile,
  range: { readonly from: number; readonly end: number },
): Promise<void> {
  const STEP = 4 << 20;
  for (let at = range.from; at < range.end; at += STEP) {
    const bytes = Buffer.allocUnsafe(Math.min(STEP, range.end - at));
    await file.read(bytes, at);
    await file.write([bytes], at);
  }
  await file.sync();
}

async function checkEnd(
  file: DiskFile,
  path: string,
  segment: number,
  found: { end: number; fault: string | undefined; checkpointEnd: number; mark: Watermark; isCopy: boolean },
): Promise<void> {
  const { end, mark } = found;
  const fault = found.fault ?? 'unexpected end';
  // A segment gets its name only after its checkpoint is durable.
  if (found.checkpointEnd === 0) throw new DamageError(path, end, fault);
  if (mark.segment === segment && end < mark.end) throw new DamageError(path, end, fault);
  if (found.fault === undefined || found.isCopy) return;
  const later = await findLaterFrame(file, segment, end);
  if (later !== undefined)
    throw new DamageError(path, end, `${fault}, and an intact frame follows at byte ${later}`);
}

async function attachSealed(
  disk: Disk,
  state: State,
  present: readonly SegmentName[],
  options: {
    readonly keysSinceMs: number;
    readonly store: Buffer;
    readonly newestKeyOf: (segment: number, newestKeyMs: number) => number;
  },
): Promise<Recovered['keys']> {
  const names = new Set(present.map(segmentKey));
  const keys: Recovered['keys'] = [];
  for (const name of [...state.live.values()].sort((a, b) => a.number - b.number)) {
    const path = segmentPath(name);
    if (!names.has(segmentKey(name))) throw DamageError.missing(path);
    const file = await disk.open(path, 'read');
    try {
      await checkHeader(file, path, name, options.store);
      const found = await readFooter(file, path, name.number);
      if (found === undefined)
        throw new DamageError(path, await file.size(), 'it is truncated, or its end is damaged');
      const footer = { ...found, newestKeyMs: options.newestKeyOf(name.number, found.newestKeyMs) };
      attachSegment(state, name, footer);
      if (footer.keys > 0 && footer.newestKeyMs >= options.keysSinceMs) {
        keys.push({ segment: name.number, places: await readKeys(file, path, footer) });
      }
    } finally {
      await file.close();
    }
  }
  return keys;
}

/** Makes a sealed segment's records readable by adding its spans to the logs. */
export function attachSegment(state: State, name: SegmentName, footer: Footer): SealedSegment {
  const { size, newestKeyMs, framesEnd } = footer;
  const segment = new SealedSegment(name, { size, newestKeyMs, framesEnd, liveBytes: 0 });
  for (const row of footer.logs) {
    const log = state.logs.get(row.log);
    if (log === undefined || row.nextIndex <= log.firstIndex) continue;
    log.spans.push({ ...row, segment });
    segment.liveBytes += bytesOf(row);
  }
  state.sealed.set(name.number, segment);
  return segment;
}

async function checkHeader(
  file: DiskFile,
  path: string,
  name: SegmentName,
  store: Buffer,
): Promise<SegmentHeader> {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  const read = await file.read(bytes, 0);
  const header = decodeSegmentHeader(path, bytes.subarray(0, read));
  if (header.number !== name.number || header.revision !== name.revision) {
    throw new DamageError(path, 0, `its header belongs to ${segmentPath(header)}`);
  }
  if (!header.store.equals(store)) throw new DamageError(path, 0, 'it belongs to another store');
  return header;
}
