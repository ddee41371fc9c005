import { decodeCommits, type CommitRun } from '../embedded/commit-run.ts';
import type { Replica } from '../embedded/replica.ts';
import { decodeBeat, type Beat } from './beat.ts';
import { sharedLimits } from './limits.ts';
import type { SharedFrame } from './shared-log.ts';

/**
 * Cuts frames into runs, in their order. A run is written and applied in one step: a write to the disk takes as long for
 * one small frame as for many. Takeovers and hand-overs, which change who owns the log, are alone.
 */
export function* runsOf(frames: readonly SharedFrame[]): Generator<readonly SharedFrame[]> {
  let run: SharedFrame[] = [];
  let bytes = 0;
  for (const frame of frames) {
    const isFull = run.length >= sharedLimits.runFramesMax || bytes >= sharedLimits.runBytesMax;
    if (run[0] !== undefined && (isFull || isTurn(frame) || isTurn(run[0]))) {
      yield run;
      [run, bytes] = [[], 0];
    }
    run.push(frame);
    bytes += frame.payload.length;
  }
  if (run.length > 0) yield run;
}

function isTurn({ kind }: SharedFrame): boolean {
  return kind === 'takeover' || kind === 'handover';
}

/** Frames that are written and applied in one step, decoded. */
export interface Run {
  readonly frames: readonly SharedFrame[];
  readonly commits: CommitRun;
  /** The newest one, if there is one. */
  readonly beat: Beat | undefined;
}

/**
 * Applies frames in their order, run by run; while one is written the next is decoded. `apply` resolves with whether to go
 * on; what this resolves with is whether all were applied and it may go on. What `apply` rejects with ends it: nothing
 * after that is applied. Rejects also with BeatError, UnknownCommitError.
 */
export async function applyRuns(
  frames: readonly SharedFrame[],
  apply: (run: Run) => Promise<boolean>,
): Promise<boolean> {
  const [first, ...others] = runsOf(frames);
  if (first === undefined) return true;
  let run = decodeRun(first);
  for (const next of others) {
    const applying = apply(run);
    run = await meanwhile(applying, () => decodeRun(next));
    if (!(await applying)) return false;
  }
  return await apply(run);
}

/** Applies a run without a takeover: all of it, or nothing. Throws EngineCopyError. */
export async function applyRun(
  replica: Replica,
  { frames, commits, beat }: Run,
  isBacklog: boolean,
): Promise<void> {
  const last = frames.at(-1);
  const endsWithBeat = beat !== undefined && last !== undefined && last.kind !== 'commit';
  const passed = endsWithBeat ? { term: last.term, position: last.position, timeMs: beat.timeMs } : undefined;
  await replica.apply(commits, passed, isBacklog);
}

function decodeRun(frames: readonly SharedFrame[]): Run {
  const commits: SharedFrame[] = [];
  let beat: Beat | undefined;
  for (const frame of frames) {
    if (frame.kind === 'commit') commits.push(frame);
    else if (frame.kind !== 'takeover') beat = decodeBeat(frame.payload, frame.position);
  }
  return { frames, commits: decodeCommits(commits), beat };
}

/** What `then` returns, called once the work has reached its write; after the work. Its failure comes first. */
async function meanwhile<Result>(work: Promise<unknown>, then: () => Result): Promise<Result> {
  // Awaited below.
  work.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  try {
    return then();
  } finally {
    await work;
  }
}
