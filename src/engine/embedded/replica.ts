import type { Clock } from '../../support/clock.ts';
import type { LogPlace } from '../shared/shared-log.ts';
import { batchesOf, type CommitRun, type Passed } from './commit-run.ts';
import type { Entry, SharedEntry } from './format/entries.ts';
import type { TailCache } from './read/tail-cache.ts';
import type { Reclaimer } from './reclaim/reclaimer.ts';
import type { State } from './state.ts';
import type { Committer } from './write/committer.ts';
import type { IdempotencyKeys } from './write/idempotency-keys.ts';
import type { Journal } from './write/journal.ts';

interface ReplicaParts {
  readonly clock: Clock;
  readonly state: State;
  readonly journal: Journal;
  readonly committer: Committer;
  readonly cache: TailCache;
  readonly keys: IdempotencyKeys;
  readonly reclaimer: Reclaimer;
}

/** Applies what another machine committed, so that memory and disk here are as they are there. */
export class Replica {
  readonly #parts: ReplicaParts;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
  }

  /** How far the copy is in the shared log; undefined when it has nothing of it. */
  get place(): SharedEntry | undefined {
    return this.#parts.state.shared;
  }

  /** Runs while no commit is in progress. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#parts.committer.inTurn(work);
  }

  /**
   * Writes a run of commits as one frame, so that the folder has all of them or none. `passed` is where the log is then,
   * if frames without content follow them. The records of a backlog are not cached: nobody would read most of them
   * before they make room for others. Throws EngineCopyError.
   */
  async apply(run: CommitRun, passed?: Passed, isBacklog = false): Promise<void> {
    const last = passed ?? run.last;
    if (last === undefined) return;
    await this.inTurn(async () => {
      if (run.last === undefined) return await Promise.resolve(this.pass(last, last.timeMs));
      const { clock, journal, cache, keys, reclaimer, state } = this.#parts;
      const { term, position, timeMs } = last;
      const own: Entry = { kind: 'shared', term, position, timeMs, version: state.shared?.version ?? '' };
      const cached = (): void => {
        if (isBacklog) cache.clear();
        else for (const { log, batch } of batchesOf(run)) cache.add(log, batch);
      };
      const written = await journal.copy([own], run.payload, cached, run.encoded);
      const nowMs = clock.now();
      for (const entry of run.encoded.entries) {
        if (entry.kind === 'idempotencyKey') keys.remember(entry.print, written, nowMs);
        if (entry.kind === 'drop') cache.drop(entry.log);
        if (entry.kind === 'drop' || entry.kind === 'trim') reclaimer.poke();
      }
    });
  }

  /** A new owner, of this version. */
  async takeOver({ term, position }: LogPlace, version: string): Promise<void> {
    const { journal, state } = this.#parts;
    await this.inTurn(async () => {
      const timeMs = state.shared?.timeMs ?? 0;
      await journal.copy([{ kind: 'shared', term, position, timeMs, version }], [], () => undefined);
    });
  }

  /** A frame without content. Call it in turn: commits before it must have been applied. */
  pass({ term, position }: LogPlace, timeMs: number): void {
    const { state } = this.#parts;
    if (state.shared === undefined) return;
    state.shared = { ...state.shared, term, position, timeMs };
  }
}
