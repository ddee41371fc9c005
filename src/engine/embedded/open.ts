import { resolve } from 'node:path';

import { limits } from '../../limits.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { makeDurableFolder } from '../../support/make-folder.ts';
import type { Engine } from '../engine.ts';
import { Committer } from './write/committer.ts';
import type { Disk } from './disk.ts';
import { EmbeddedEngine } from './engine.ts';
import { Journal } from './write/journal.ts';
import { DurableWatermark } from './write/durable-watermark.ts';
import { nodeDisk } from './node-disk.ts';
import { Reader } from './read/reader.ts';
import { Reclaimer } from './reclaim/reclaimer.ts';
import { recover } from './recover/recover.ts';
import { EmergencySpace } from './write/emergency-space.ts';
import { SegmentReaders } from './read/sealed-segment.ts';
import { TailCache } from './read/tail-cache.ts';
import { IdempotencyKeys } from './write/idempotency-keys.ts';

export interface EmbeddedEngineOptions {
  /** Made when it is not there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Instead of the folder's: for simulations. */
  readonly disk?: Disk;
  /** Bounds other than limits.ts has, for tests that must not write gigabytes. */
  readonly bounds?: Partial<EngineBounds>;
}

export type EngineBounds = Pick<
  { [Name in keyof typeof limits]: number },
  | 'segmentBytes'
  | 'frameBytesMax'
  | 'chunkBytesMax'
  | 'bytesInFlightMax'
  | 'worksWaitingMax'
  | 'tailCacheBytes'
  | 'indexCacheBytes'
  | 'openSegmentsMax'
  | 'idempotencyKeyLifetimeMs'
  | 'idempotencyKeysMax'
  | 'reserveBytes'
>;

/**
 * Opens the store in a folder, or makes one. Throws FolderInUseError, DamageError (with the file's name and what to
 * do), FormatVersionError.
 */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<Engine> {
  const folder = resolve(options.folder);
  if (options.disk === undefined) await makeDurableFolder(folder);
  const disk = options.disk ?? nodeDisk(folder);
  const lock = await disk.lock();
  try {
    return await openLocked(options, disk, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked(
  options: EmbeddedEngineOptions,
  disk: Disk,
  lock: { release(): Promise<void> },
): Promise<Engine> {
  const { clock, log } = options;
  const bounds: EngineBounds = { ...limits, ...options.bounds };
  const recovered = await recover(disk, { keysSinceMs: clock.now() - bounds.idempotencyKeyLifetimeMs });
  const { state, store, active } = recovered;
  for (const path of recovered.leftovers) await disk.remove(path);
  const mark = await DurableWatermark.open(disk, store);
  const segments = new SegmentReaders(disk, {
    filesMax: bounds.openSegmentsMax,
    indexBytesMax: bounds.indexCacheBytes,
  });
  const journal = new Journal({ disk, clock, state, store, mark, active, segmentBytes: bounds.segmentBytes });
  const cache = new TailCache(bounds.tailCacheBytes);
  const keys = new IdempotencyKeys({
    segments,
    clock,
    lifetimeMs: bounds.idempotencyKeyLifetimeMs,
    idempotencyKeysMax: bounds.idempotencyKeysMax,
  });
  for (const { segment, places } of recovered.keys) keys.load(segment, places);
  keys.load(state.active.number, state.active.keys.toBytes());
  const reserve = new EmergencySpace(disk, clock, bounds.reserveBytes);
  await reserve.open();
  const committer = new Committer({ clock, state, journal, cache, reserve, ...bounds });
  const reclaimer = new Reclaimer({
    disk,
    clock,
    log,
    state,
    store,
    committer,
    journal,
    reserve,
    segments,
    ...bounds,
  });
  journal.onSealed = () => reclaimer.poke();
  reclaimer.poke();
  return new EmbeddedEngine({
    clock,
    log,
    state,
    mark,
    journal,
    committer,
    reclaimer,
    cache,
    segments,
    reader: new Reader({ state, journal, segments, cache }),
    keys,
    lock,
  });
}
