import { randomBytes } from 'node:crypto';
import { basename, resolve } from 'node:path';

import { systemClock, type Clock } from '../../../support/clock.ts';
import { formatFinding, type RepairReport } from '../../../support/findings.ts';
import { type OnRead, pacer } from '../../../support/pace.ts';
import type { DescribeRecords, RecordRange } from '../../engine.ts';
import { createSegment } from '../write/active-segment.ts';
import { writeCopy, type SegmentCopy } from '../reclaim/compaction.ts';
import type { Disk } from '../disk.ts';
import { segmentKey } from '../format/entries.ts';
import { DamageError } from '../errors.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { nodeDisk } from '../node-disk.ts';
import { describeBy, findingOf } from './describe-damage.ts';
import {
  damagesIn,
  inspectStore,
  readChunk,
  salvage,
  type Salvage,
  type SalvagedChunk,
  type SalvagedSegment,
} from './salvage.ts';
import { tablePath } from '../format/table-file.ts';
import { pacedDisk } from './paced-disk.ts';
import { restoreRows } from './restore-rows.ts';
import { segmentPath, SEGMENTS_FOLDER } from '../read/segment-file.ts';
import { listSegments, type Damage } from './inspect-segment.ts';
import { lostRows, replaceTables, type ReplacedTables } from './repair-tables.ts';
import { startDamage } from './verify.ts';

/** Where damaged files are kept. */
const DAMAGED_FOLDER = 'damaged';
const NOTHING = Buffer.alloc(0);

export interface RepairOptions {
  readonly folder: string;
  readonly describeRecords?: DescribeRecords;
  /** Only reports what would be done. */
  readonly dryRun?: boolean;
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly onRead?: OnRead | undefined;
}

/**
 * Makes a damaged store startable again from its intact data: every intact frame counts, also those after a damaged
 * one, and every intact run of records in a damaged one. Everything else (records, trims, rows of tables) is lost;
 * readers continue after it. Damaged files are kept unchanged. A store without damage is not changed. Requires that no
 * server runs: the caller holds the data folder. Throws FormatVersionError.
 */
export async function repairEngine(options: RepairOptions): Promise<RepairReport> {
  const disk = options.disk ?? nodeDisk(resolve(options.folder));
  const found = await salvage(pacedDisk(disk, pacer(Infinity, options)));
  const damages = await withStartDamage(disk, [...found.damages, ...(await markDamage(disk))]);
  const describe = describeBy(found.state.tables, options.describeRecords);
  const report = reportOf(found, damages, describe);
  if (damages.length === 0 || options.dryRun === true) return { ...report, kept: [], unrepaired: [] };
  const kept = await rebuild(disk, found, (options.clock ?? systemClock).now());
  const after = await inspectStore(disk, await listSegments(disk));
  const left = await withStartDamage(disk, damagesIn(after));
  return {
    ...report,
    kept: kept.map((path) => `engine/${path}`),
    unrepaired: left.map((damage) => `still damaged: ${formatFinding(findingOf(damage, describe))}`),
  };
}

async function withStartDamage(disk: Disk, damages: readonly Damage[]): Promise<Damage[]> {
  const refused = await startDamage(disk, damages);
  return refused === undefined ? [...damages] : [...damages, refused];
}

function reportOf(
  found: Salvage,
  damages: readonly Damage[],
  describe: (records: RecordRange) => string,
): Pick<RepairReport, 'findings' | 'lost' | 'lostCounts'> {
  const rows = lostRows(found.state, found.tables);
  const lost = damages.length === 0 ? [] : found.segments.flatMap((segment) => segment.lost);
  return {
    findings: damages.map((damage) => findingOf(damage, describe)),
    lost: [...lost.flatMap((range) => knownParts(range, damages)).map(describe), ...rows.subjects],
    lostCounts: [
      ['record', lost.reduce((sum, { count }) => sum + count, 0)],
      ['row', rows.count],
    ],
  };
}

/** Splits a lost range into the damaged runs it consists of, if they are known: then their arrival times are known. */
function knownParts(range: RecordRange, damages: readonly Damage[]): readonly RecordRange[] {
  const end = range.firstIndex + range.count;
  const parts = damages.flatMap(({ records }) => {
    const isPart =
      records?.log === range.log && records.firstIndex >= range.firstIndex && records.firstIndex < end;
    return isPart ? [records] : [];
  });
  const known = parts.reduce((sum, { count }) => sum + count, 0);
  return known === range.count ? parts : [range];
}

/** Returns the files that were set aside. */
async function rebuild(disk: Disk, found: Salvage, nowMs: number): Promise<string[]> {
  const store = found.store ?? randomBytes(16);
  for (const segment of found.segments) {
    if (segment.chunks === undefined) continue;
    found.state.live.delete(segmentKey(segment.name));
    await rewrite(disk, found, segment, { store, nowMs });
  }
  const tables = await replaceTables(disk, found.state, found.tables, { store, nowMs });
  await restoreRows(disk, found.state, found.present, found.tables);
  const number =
    Math.max(
      0,
      ...found.present.map((name) => name.number),
      ...found.segments.map(({ name }) => name.number),
    ) + 1;
  const active = await createSegment(disk, {
    number,
    createdMs: nowMs,
    store,
    state: found.state,
    withRows: true,
  });
  await active.close();
  await DurableWatermark.create(disk, { store, segment: number, end: active.end });
  return await putAside(disk, found, tables);
}

async function rewrite(
  disk: Disk,
  found: Salvage,
  segment: SalvagedSegment,
  info: { readonly store: Buffer; readonly nowMs: number },
): Promise<void> {
  const { number } = segment.name;
  const revisions = found.present.filter((name) => name.number === number).map(({ revision }) => revision);
  const into = { number, revision: Math.max(segment.name.revision, ...revisions) + 1 };
  const lost = segment.lost.map(({ log, firstIndex, count, gapArrivalMs: arrivalMs }) => ({
    entry: { kind: 'chunk' as const, log, firstIndex, count, arrivalMs, bytes: 0, crc: 0 },
    offset: 0,
  }));
  const chunks = [...(segment.chunks ?? []), ...lost].sort(
    (a, b) => a.entry.log - b.entry.log || a.entry.firstIndex - b.entry.firstIndex,
  );
  if (chunks.length === 0) return;
  await writeCopy(disk, { into, store: info.store, createdMs: info.nowMs }, (out) =>
    copyChunks(disk, segment, chunks, out),
  );
  found.state.live.set(segmentKey(into), into);
}

async function copyChunks(
  disk: Disk,
  segment: SalvagedSegment,
  chunks: readonly SalvagedChunk[],
  out: SegmentCopy,
): Promise<boolean> {
  const path = segmentPath(segment.name);
  const file = (segment.chunks ?? []).length > 0 ? await disk.open(path, 'read') : undefined;
  try {
    for (const chunk of chunks) {
      const { entry, offset } = chunk;
      const payload = entry.bytes === 0 || file === undefined ? NOTHING : await readChunk(file, chunk);
      if (payload === undefined) throw new DamageError(path, offset, 'it changed during the repair');
      out.add(entry, payload);
      await out.flushWhenLarge();
    }
    return true;
  } finally {
    await file?.close();
  }
}

async function markDamage(disk: Disk): Promise<Damage[]> {
  try {
    return (await DurableWatermark.read(disk)) === undefined
      ? [{ file: 'mark', offset: 0, problem: 'the file is missing' }]
      : [];
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    return [{ file: error.file, offset: error.offset, problem: error.what }];
  }
}

/** Moves damaged files to another folder; removes intact ones whose content was copied. */
async function putAside(disk: Disk, found: Salvage, tables: ReplacedTables): Promise<string[]> {
  await disk.makeFolder(DAMAGED_FOLDER);
  // A move is durable as soon as the folder that the file leaves is synced.
  await disk.syncFolder('.');
  const kept: string[] = [];
  const replaced = found.segments.filter(({ chunks }) => chunks !== undefined);
  const present = new Set(found.present.map(segmentKey));
  for (const { name, isDamaged } of replaced) {
    if (!present.has(segmentKey(name))) continue;
    if (isDamaged) kept.push(await moveAside(disk, segmentPath(name)));
    else await disk.remove(segmentPath(name));
  }
  for (const number of tables.damaged) kept.push(await moveAside(disk, tablePath(number)));
  for (const number of tables.whole) await disk.remove(tablePath(number));
  await disk.syncFolder(DAMAGED_FOLDER);
  await disk.syncFolder(SEGMENTS_FOLDER);
  return kept;
}

async function moveAside(disk: Disk, path: string): Promise<string> {
  const kept = `${DAMAGED_FOLDER}/${basename(path)}`;
  await disk.rename(path, kept);
  return kept;
}
