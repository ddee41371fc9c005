import { UserError } from '../../../errors.ts';
import { sleep, type Clock } from '../../../support/clock.ts';
import type { EngineCopyError } from '../../embedded/errors.ts';
import { type EmbeddedEngineOptions, type EngineCopy, diskOf } from '../../embedded/open.ts';
import { openEngineCopy } from '../../embedded/open-copy.ts';
import { endCopy } from '../../embedded/recover/copy-marker.ts';
import { NotOwnerError } from '../../engine.ts';
import { checkFirst, timeOf } from '../check-first.ts';
import { applyRun, applyRuns, type Run } from '../runs.ts';
import { LOG_START, type SharedFrame, type SharedLog } from '../shared-log.ts';
import { snapshotLimits } from './limits.ts';
import type { SnapshotObjects } from './objects.ts';
import { SnapshotRequests } from './requests.ts';
import { SnapshotSeeding } from './seed.ts';
import { completeOf, SnapshotList } from './snapshot-list.ts';

export interface RestoreOptions extends EmbeddedEngineOptions {
  readonly shared: SharedLog;
  readonly objects: SnapshotObjects;
  readonly prefix: string;
  /** By the times of the owners' clocks in the log; undefined for all that the log has. */
  readonly toMs: number | undefined;
  readonly signal: AbortSignal;
}

export interface Restored {
  /** Of the last commit; undefined if there is none. */
  readonly timeMs: number | undefined;
  readonly position: number;
  /** Frames of the log that were applied after the snapshot. */
  readonly frames: number;
}

/**
 * Fills an empty folder with what the log had at a time: from the newest snapshot before, and the frames after it up to
 * the first one of a later time. The result is the store of a single machine, no copy of the log. Throws RestoreError.
 */
export async function restoreEngine(options: RestoreOptions): Promise<Restored> {
  const { shared, objects, prefix, clock, log: logger, signal, toMs = Infinity } = options;
  const list = new SnapshotList(prefix);
  const requests = new SnapshotRequests({ objects, clock, signal });
  const { first, next } = await shared.bounds();
  if (first > 0) await requireSnapshot(list, requests, toMs);
  const seeding = new SnapshotSeeding({ log: shared, list, requests, clock, timers: clock, logger, toMs });
  let failure: EngineCopyError | undefined;
  const sharing = {
    append: () => Promise.reject(refusal()),
    refusal,
    onLost: (error: EngineCopyError) => (failure = error),
  };
  const copy = await openEngineCopy(options, sharing, seeding);
  let frames: number;
  try {
    frames = await replay(copy, shared, { end: next, toMs, clock, signal });
  } finally {
    await copy.engine.close();
  }
  if (failure !== undefined) throw failure;
  await endCopy(await diskOf(options));
  const { place } = copy.replica;
  return { timeMs: place?.timeMs, position: place?.position ?? -1, frames };
}

function refusal(): NotOwnerError {
  return new NotOwnerError('a folder that is restored takes no changes');
}

async function requireSnapshot(list: SnapshotList, requests: SnapshotRequests, toMs: number): Promise<void> {
  const complete = completeOf(await list.read(requests));
  if (complete.some(({ place }) => place.timeMs <= toMs)) return;
  const oldest = complete.at(-1);
  const earliest =
    oldest === undefined
      ? 'there is no snapshot'
      : `the oldest snapshot is of ${new Date(oldest.place.timeMs).toISOString()}`;
  throw new RestoreError(`this time cannot be restored: the shared log was trimmed, and ${earliest}`);
}

interface ReplayOptions {
  /** The position after the last frame when the restoring began. */
  readonly end: number;
  readonly toMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Returns how many frames were applied. */
async function replay(
  copy: EngineCopy,
  shared: SharedLog,
  { end, toMs, clock, signal }: ReplayOptions,
): Promise<number> {
  const { place } = copy.replica;
  let isFirst = place !== undefined;
  let frames = 0;
  if (end === 0 || (place !== undefined && place.position >= end - 1)) return frames;
  const idle = new AbortController();
  const stop = AbortSignal.any([signal, idle.signal]);
  let arrived = new AbortController();
  // Void frames at the end of the log never come.
  const wait = async (): Promise<void> => {
    const { signal: ended } = (arrived = new AbortController());
    await sleep(clock, snapshotLimits.frameWaitMs, ended);
    if (!ended.aborted) idle.abort();
  };
  void wait();
  try {
    for await (const found of shared.follow(place ?? LOG_START, stop)) {
      arrived.abort();
      const wanted = found.slice(0, countWanted(found, { end, toMs }));
      const isLast = wanted.length < found.length || wanted.at(-1)?.position === end - 1;
      if (isFirst) checkFirst(wanted.shift(), place);
      isFirst = false;
      await applyRuns(wanted, async (run) => await apply(copy, run));
      frames += wanted.length;
      if (isLast) break;
      void wait();
    }
  } finally {
    arrived.abort();
  }
  signal.throwIfAborted();
  return frames;
}

/** Frames before the first one that is not to be restored. */
function countWanted(
  frames: readonly SharedFrame[],
  { end, toMs }: Pick<ReplayOptions, 'end' | 'toMs'>,
): number {
  const at = frames.findIndex((frame) => frame.position >= end || (timeOf(frame) ?? -Infinity) > toMs);
  return at === -1 ? frames.length : at;
}

async function apply({ replica }: EngineCopy, run: Run): Promise<true> {
  const [first] = run.frames;
  if (first?.kind === 'takeover') await replica.takeOver(first, replica.place?.version ?? '');
  else await applyRun(replica, run, true);
  return true;
}

export class RestoreError extends UserError {
  override readonly name = 'RestoreError';
}
