import { engineLimits } from '../limits.ts';
import { resolve } from 'node:path';

import type { Clock } from '../../support/clock.ts';
import type { Fence } from '../../support/fence.ts';
import type { Log } from '../../support/log.ts';
import { makeDurableFolder } from '../../support/make-folder.ts';
import type { DescribeRecords, Engine } from '../engine.ts';
import { Committer } from './write/committer.ts';
import type { Disk } from './disk.ts';
import { EmbeddedEngine } from './engine.ts';
import { Journal } from './write/journal.ts';
import { DurableWatermark } from './write/durable-watermark.ts';
import { nodeDisk } from './node-disk.ts';
import { FORMAT_VERSION } from './format/version.ts';
import { beginUpgrade } from './recover/upgrade.ts';
import { DamageReporter } from './read/damage-reporter.ts';
import { LogReader } from './read/reader.ts';
import { Reclaimer } from './reclaim/reclaimer.ts';
import { recover, type Recovered } from './recover/recover.ts';
import { replaceOpenFiles } from './recover/replace-open-files.ts';
import { EmergencySpace } from './write/emergency-space.ts';
import { SegmentReaders } from './read/sealed-segment.ts';
import { loadCatalog } from './tables/load-catalog.ts';
import { RowReader } from './tables/row-reader.ts';
import { TableReader } from './tables/table-reader.ts';
import { TableUpkeep } from './tables/upkeep.ts';
import { TailCache } from './read/tail-cache.ts';
import { IdempotencyKeys } from './write/idempotency-keys.ts';

export interface EmbeddedEngineOptions {
  /** Created when it does not exist. Only this process uses it: the caller holds the data folder. */
  readonly folder: string;
  /** Detects that another process has taken over the folder. */
  readonly fence?: Fence;
  /** Another process may still write to the files that it had open: they are replaced by copies first. */
  readonly mayHaveOlderWriter?: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** For messages about damaged records. */
  readonly describeRecords?: DescribeRecords;
  /** Called for each read that encounters damaged records. */
  readonly onDamage?: () => void;
  /** A simulated disk, used instead of the folder. */
  readonly disk?: Disk;
  /** Overrides of the bounds in limits.ts, for tests that must not write gigabytes. */
  readonly bounds?: Partial<EngineBounds>;
}

export type EngineBounds = Pick<
  { [Name in keyof typeof engineLimits]: number },
  | 'segmentBytes'
  | 'frameBytesMax'
  | 'chunkBytesMax'
  | 'bytesInFlightMax'
  | 'commitsWaitingMax'
  | 'tailCacheBytes'
  | 'indexCacheBytes'
  | 'openSegmentsMax'
  | 'idempotencyKeyLifetimeMs'
  | 'idempotencyKeysMax'
  | 'closedSegmentBytesMax'
  | 'reserveBytes'
  | 'memtableBytes'
  | 'unflushedRowsBytesMax'
  | 'checkpointRowsBytesMax'
  | 'tableFileBytes'
  | 'tableLevelBytes'
  | 'tableLevelZeroFiles'
  | 'tableLevelZeroFilesMax'
  | 'tableBlockBytes'
  | 'tableSectionBytes'
  | 'tableCacheBytes'
>;

/**
 * Opens the store in a folder, creates it, or upgrades it from an older format. Throws DamageError (with the file's
 * name and what to do), FormatVersionError.
 */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<Engine> {
  const folder = resolve(options.folder);
  if (options.disk === undefined) await makeDurableFolder(folder, 0o700);
  const disk = options.disk ?? nodeDisk(folder, options.fence);
  if (options.mayHaveOlderWriter === true) await replaceOpenFiles(disk);
  const { clock, log } = options;
  const bounds: EngineBounds = { ...engineLimits, ...options.bounds };
  const recovered = await recoverStore(disk, log, clock.now() - bounds.idempotencyKeyLifetimeMs);
  const { state, store, active } = recovered;
  const mark = await DurableWatermark.open(disk, store);
  const segments = new SegmentReaders(disk, {
    filesMax: bounds.openSegmentsMax,
    indexBytesMax: bounds.indexCacheBytes,
  });
  const tableReader = new TableReader(segments, { store, cacheBytesMax: bounds.tableCacheBytes });
  const rowReader = new RowReader(state.rows, tableReader);
  await loadCatalog(state, rowReader);
  const journal = new Journal({ disk, clock, state, store, mark, active, ...bounds });
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
  const shared = { disk, clock, log, state, store, committer, ...bounds };
  const reclaimer = new Reclaimer({ ...shared, journal, reserve, segments });
  const upkeep = new TableUpkeep({ ...shared, reader: tableReader, onFlushed: () => reclaimer.poke() });
  const damage = new DamageReporter({
    log,
    tables: state.tables,
    describe: options.describeRecords ?? (() => undefined),
    onDamage: options.onDamage ?? (() => undefined),
  });
  journal.onSealed = () => reclaimer.poke();
  journal.onWritten = () => upkeep.poke();
  reclaimer.poke();
  upkeep.poke();
  return new EmbeddedEngine({
    clock,
    log,
    state,
    mark,
    journal,
    committer,
    reclaimer,
    upkeep,
    rowReader,
    cache,
    segments,
    reader: new LogReader({ state, journal, segments, cache, damage }),
    keys,
  });
}

/** Recovers the durable state, upgrades a store of an older format, and removes leftovers of crashes. */
async function recoverStore(disk: Disk, log: Log, keysSinceMs: number): Promise<Recovered> {
  const upgrade = await beginUpgrade(disk);
  const recovered = await recover(disk, { keysSinceMs });
  if (upgrade !== undefined) {
    await upgrade.finish();
    log.info(
      { from: upgrade.from, to: FORMAT_VERSION, copy: upgrade.copy },
      'upgraded the format of the store; kept a copy of the changed files',
    );
  }
  for (const path of recovered.leftovers) await disk.remove(path);
  return recovered;
}
