import { engineLimits } from '../limits.ts';
import { resolve } from 'node:path';

import type { Clock } from '../../support/clock.ts';
import type { Fence } from '../../support/fence.ts';
import type { Log } from '../../support/log.ts';
import { makeDurableFolder } from '../../support/make-folder.ts';
import type { DescribeRecords, Engine, NotOwnerError } from '../engine.ts';
import type { WatchRows } from '../watch-rows.ts';
import { Committer } from './write/committer.ts';
import type { Disk } from './disk.ts';
import { type Capture, captureStore } from './capture.ts';
import { EmbeddedEngine } from './engine.ts';
import type { EngineCopyError } from './errors.ts';
import { PinnedDisk } from './pinned-disk.ts';
import type { Entry } from './format/entries.ts';
import { Replica } from './replica.ts';
import { StoreContents } from './store-contents.ts';
import { Journal, type Sharing } from './write/journal.ts';
import { DurableWatermark } from './write/durable-watermark.ts';
import { nodeDisk } from './node-disk.ts';
import { FORMAT_VERSION } from './format/version.ts';
import { beginUpgrade } from './recover/upgrade.ts';
import { DamageReporter } from './read/damage-reporter.ts';
import { LogReader } from './read/reader.ts';
import { Reclaimer } from './reclaim/reclaimer.ts';
import { beginLeaving, checkMarker, endLeaving } from './recover/copy-marker.ts';
import { recover, type Recovered, type RecoverOptions } from './recover/recover.ts';
import { replaceOpenFiles } from './recover/replace-open-files.ts';
import { EmergencySpace } from './write/emergency-space.ts';
import { SegmentReaders } from './read/sealed-segment.ts';
import { loadCatalog } from './tables/load-catalog.ts';
import { RowReader } from './tables/row-reader.ts';
import type { State } from './state.ts';
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
  | 'tableSyncBytes'
  | 'tableCacheBytes'
>;

/**
 * Opens the store in a folder, creates it, or upgrades it from an older format. Throws DamageError (with the file's
 * name and what to do), FormatVersionError, WrongStoreError.
 */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<Engine> {
  return (await openStoreToCopy(options)).engine;
}

/**
 * Makes the copy of a shared log a store of its own, which `work` completes. Until that has ended nobody can use the
 * folder, also after a crash.
 */
export async function leaveSharedLog(
  options: EmbeddedEngineOptions,
  work: (engine: Engine) => Promise<void>,
): Promise<void> {
  const disk = await diskOf(options);
  await beginLeaving(disk);
  const { engine } = await openStore(disk, options, undefined);
  try {
    await work(engine);
  } finally {
    await engine.close();
  }
  await endLeaving(disk);
}

/** The log that a copy shares with others, as the copy sees it. */
export interface CopySharing {
  append: Sharing['append'];
  /** Why changes are refused at present. */
  refusal(): NotOwnerError | undefined;
  /** This process lacks a commit that the shared log has: stop it. */
  onLost(error: EngineCopyError): void;
}

export interface EngineCopy {
  readonly engine: Engine;
  readonly replica: Replica;
  /** The store as it is now, for a snapshot; undefined while it has nothing of the shared log. */
  capture(): Promise<Capture | undefined>;
  readonly contents: StoreContents;
  readonly watch: WatchRows;
  /** Writes a frame as it is; resolves when it is durable. Its idempotency keys are known after the next start. */
  readonly write: (entries: readonly Entry[], payload: readonly Uint8Array[]) => Promise<void>;
}

/** A store whose contents are to be copied. */
export type StoreToCopy = Pick<EngineCopy, 'engine' | 'contents'>;

/** Opens a store as `openEmbeddedEngine` does. */
export async function openStoreToCopy(options: EmbeddedEngineOptions): Promise<StoreToCopy> {
  const disk = await diskOf(options);
  await checkMarker(disk, false);
  return await openStore(disk, options, undefined);
}

/** The disk of the engine's folder, which is created if it does not exist. */
export async function diskOf(options: EmbeddedEngineOptions): Promise<PinnedDisk> {
  const folder = resolve(options.folder);
  if (options.disk === undefined) await makeDurableFolder(folder, 0o700);
  const disk = options.disk ?? nodeDisk(folder, options.fence);
  if (options.mayHaveOlderWriter === true) await replaceOpenFiles(disk);
  return new PinnedDisk(disk);
}

/** Opens the store; with `sharing` as the copy of a shared log. */
export async function openStore(
  disk: PinnedDisk,
  options: EmbeddedEngineOptions,
  sharing: CopySharing | undefined,
): Promise<EngineCopy> {
  const { clock, log } = options;
  const bounds: EngineBounds = { ...engineLimits, ...options.bounds };
  const lifetimeMs = bounds.idempotencyKeyLifetimeMs;
  const recovered = await recoverStore(disk, log, {
    keysSinceMs: clock.now() - lifetimeMs,
    copyNow: sharing && (() => clock.now()),
  });
  const { state, store, active } = recovered;
  const { mark, segments, tableReader, rowReader } = await openReaders(disk, recovered, bounds);
  const reserve = new EmergencySpace(disk, clock, bounds.reserveBytes);
  const parts = { disk, clock, state, store, mark, active };
  const journal = new Journal({
    ...parts,
    ...bounds,
    sharing: sharing && {
      append: (payload) => sharing.append(payload),
      makeRoom: () => reserve.release().catch(() => false),
      lose: (error) => committer.lose(error),
    },
  });
  const cache = new TailCache(bounds.tailCacheBytes);
  const keys = openKeys(recovered, {
    segments,
    clock,
    lifetimeMs,
    state,
    idempotencyKeysMax: bounds.idempotencyKeysMax,
  });
  await reserve.open();
  const onLost = sharing && ((error: EngineCopyError) => sharing.onLost(error));
  const committer = new Committer({ clock, state, journal, cache, reserve, onLost, ...bounds });
  const shared = { disk, clock, log, state, store, committer, ...bounds };
  const reclaimer = new Reclaimer({ ...shared, journal, reserve, segments });
  const upkeep = new TableUpkeep({ ...shared, reader: tableReader, onFlushed: () => reclaimer.poke() });
  const damage = openDamageReporter(options, state);
  journal.onSealed = () => reclaimer.poke();
  journal.onWritten = () => upkeep.poke();
  reclaimer.poke();
  upkeep.poke();
  const reader = new LogReader({ state, journal, segments, cache, damage });
  const engine = new EmbeddedEngine({
    refusal: sharing && (() => sharing.refusal()),
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
    reader,
    keys,
  });
  return {
    engine,
    replica: new Replica({ clock, state, journal, committer, cache, keys, reclaimer }),
    capture: () => captureStore({ ...shared, journal, reserve }),
    watch: (tables, onChange) => state.rows.watch.add(tables, onChange),
    contents: new StoreContents({ recovered, state, reader, rowReader, keys }),
    write: frameWriter({ upkeep, committer, journal }),
  };
}

function frameWriter({
  upkeep,
  committer,
  journal,
}: {
  readonly upkeep: TableUpkeep;
  readonly committer: Committer;
  readonly journal: Journal;
}): EngineCopy['write'] {
  const write = async (...frame: Parameters<EngineCopy['write']>): Promise<void> => {
    await journal.write(...frame, () => undefined);
  };
  return (...frame) =>
    upkeep.submit({ changesRows: true, hasRecords: true }, () => committer.inTurn(() => write(...frame)));
}

async function openReaders(disk: Disk, { state, store }: Recovered, bounds: EngineBounds) {
  const mark = await DurableWatermark.open(disk, store);
  const segments = new SegmentReaders(disk, {
    filesMax: bounds.openSegmentsMax,
    indexBytesMax: bounds.indexCacheBytes,
  });
  const tableReader = new TableReader(segments, { store, cacheBytesMax: bounds.tableCacheBytes });
  const rowReader = new RowReader(state.rows, tableReader);
  await loadCatalog(state, rowReader);
  return { mark, segments, tableReader, rowReader };
}

function openKeys(
  recovered: Recovered,
  options: ConstructorParameters<typeof IdempotencyKeys>[0],
): IdempotencyKeys {
  const keys = new IdempotencyKeys(options);
  for (const { segment, places } of recovered.keys) keys.load(segment, places);
  const { active } = recovered.state;
  keys.load(active.number, active.keys.toBytes());
  return keys;
}

function openDamageReporter(options: EmbeddedEngineOptions, state: State): DamageReporter {
  return new DamageReporter({
    log: options.log,
    tables: state.tables,
    describe: options.describeRecords ?? (() => undefined),
    onDamage: options.onDamage ?? (() => undefined),
  });
}

/** Recovers the durable state, upgrades a store of an older format, and removes leftovers of crashes. */
async function recoverStore(disk: Disk, log: Log, options: RecoverOptions): Promise<Recovered> {
  const upgrade = await beginUpgrade(disk);
  const recovered = await recover(disk, options);
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
