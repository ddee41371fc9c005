import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';

import { systemClock, type Clock } from '../../../support/clock.ts';
import { createSegment } from '../write/active-segment.ts';
import { writeCopy } from '../reclaim/compaction.ts';
import type { Disk } from '../disk.ts';
import { segmentKey, type SegmentName } from '../format/entries.ts';
import { DamageError } from '../errors.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { nodeDisk } from '../node-disk.ts';
import { salvage, type Salvage, type SalvagedSegment } from './salvage.ts';
import { segmentPath, SEGMENTS_FOLDER } from '../read/segment-file.ts';
import type { Finding } from './inspect-segment.ts';

/** Where what could not be read whole is kept. */
const DAMAGED_FOLDER = 'damaged';

export interface RepairReport {
  /** What was wrong. */
  readonly findings: readonly Finding[];
  /** Records that are gone; readers go on behind them. Counts the indexes of records, trimmed ones left out. */
  readonly lost: readonly { readonly log: number; readonly firstIndex: number; readonly count: number }[];
  /** Harmed files, as they were, below the store's folder. */
  readonly kept: readonly string[];
}

/**
 * Makes a store startable again from what is whole in it: every whole frame counts, also those behind a harmed one.
 * What the harmed ones told (records, trims, rows of tables) is gone. Only for a server that does not run: the
 * caller holds the data folder. Throws FormatVersionError.
 */
export async function repairEngine(options: {
  readonly folder: string;
  readonly disk?: Disk;
  readonly clock?: Clock;
}): Promise<RepairReport> {
  const disk = options.disk ?? nodeDisk(resolve(options.folder));
  const nowMs = (options.clock ?? systemClock).now();
  const found = await salvage(disk);
  const store = found.store ?? randomBytes(16);
  const findings = [...found.findings, ...(await markFindings(disk))];
  for (const segment of found.segments) {
    if (segment.chunks === undefined) continue;
    found.state.live.delete(segmentKey(segment.name));
    await rewrite(disk, found, segment, { store, nowMs });
  }
  const number =
    Math.max(
      0,
      ...found.present.map((name) => name.number),
      ...found.segments.map(({ name }) => name.number),
    ) + 1;
  const active = await createSegment(disk, { number, createdMs: nowMs, store, state: found.state });
  await active.close();
  await DurableWatermark.create(disk, { store, segment: number, end: active.end });
  const kept = await putAside(disk, found);
  return { findings, lost: found.segments.flatMap(({ lost }) => lost), kept };
}

async function rewrite(
  disk: Disk,
  found: Salvage,
  segment: SalvagedSegment,
  facts: { readonly store: Buffer; readonly nowMs: number },
): Promise<void> {
  const { number } = segment.name;
  const revisions = found.present.filter((name) => name.number === number).map(({ revision }) => revision);
  const into = { number, revision: Math.max(segment.name.revision, ...revisions) + 1 };
  const lost = segment.lost.map((range) => ({
    entry: { kind: 'chunk' as const, ...range, arrivalMs: range.arrivalMs, bytes: 0, crc: 0 },
    payload: Buffer.alloc(0),
  }));
  const chunks = [...(segment.chunks ?? []), ...lost].sort(
    (a, b) => a.entry.log - b.entry.log || a.entry.firstIndex - b.entry.firstIndex,
  );
  if (chunks.length === 0) return;
  await writeCopy(disk, { into, store: facts.store, createdMs: facts.nowMs }, async (out) => {
    for (const { entry, payload } of chunks) {
      out.add(entry, payload);
      await out.flushWhenLarge();
    }
    return true;
  });
  found.state.live.set(segmentKey(into), into);
}

async function markFindings(disk: Disk): Promise<Finding[]> {
  try {
    return (await DurableWatermark.read(disk)) === undefined
      ? [{ file: 'mark', offset: 0, what: 'the file is missing' }]
      : [];
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    return [{ file: error.file, offset: error.offset, what: error.what }];
  }
}

/** Harmed files are moved, not removed; whole ones whose content was copied go. */
async function putAside(disk: Disk, found: Salvage): Promise<string[]> {
  await disk.makeFolder(DAMAGED_FOLDER);
  const kept: string[] = [];
  const replaced = found.segments.filter(({ chunks }) => chunks !== undefined);
  const present = new Set(found.present.map(segmentKey));
  for (const { name, isHarmed } of replaced) {
    if (!present.has(segmentKey(name))) continue;
    if (isHarmed) kept.push(await moveAside(disk, name));
    else await disk.remove(segmentPath(name));
  }
  await disk.syncFolder(DAMAGED_FOLDER);
  await disk.syncFolder(SEGMENTS_FOLDER);
  return kept;
}

async function moveAside(disk: Disk, name: SegmentName): Promise<string> {
  const path = segmentPath(name).replace(SEGMENTS_FOLDER, DAMAGED_FOLDER);
  await disk.rename(segmentPath(name), path);
  return path;
}
