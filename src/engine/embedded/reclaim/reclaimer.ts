import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { Committer } from '../write/committer.ts';
import { rewriteSegments } from './compaction.ts';
import type { Disk } from '../disk.ts';
import { DamageError } from '../errors.ts';
import type { Footer } from '../format/footer.ts';
import type { Journal } from '../write/journal.ts';
import { attachSegment } from '../recover/recover.ts';
import type { EmergencySpace } from '../write/emergency-space.ts';
import type { SealedSegment, SegmentReaders } from '../read/sealed-segment.ts';
import type { State } from '../state.ts';
import { compactionCandidates } from './compaction-candidates.ts';

export interface ReclaimerOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: State;
  readonly store: Buffer;
  readonly committer: Committer;
  readonly journal: Journal;
  readonly reserve: EmergencySpace;
  readonly segments: SegmentReaders;
  readonly segmentBytes: number;
  readonly idempotencyKeyLifetimeMs: number;
}

/** Delay before space is freed again after a failure. */
const RETRY_MS = 1000;

/**
 * Frees disk space: removes segments without live records, and rewrites neighbours with few of them. A frame records
 * that a segment is gone before its file is removed. Segments with idempotency keys that may still be needed are kept.
 */
export class Reclaimer {
  readonly #options: ReclaimerOptions;
  readonly #damaged = new Set<SealedSegment>();
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #cancelTimer: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #holds = 0;

  constructor(options: ReclaimerOptions) {
    this.#options = options;
  }

  /** Something was trimmed, dropped or sealed. */
  poke(): void {
    this.#again = true;
    if (this.#closed || this.#holds > 0) return;
    this.#running ??= this.#run();
  }

  /** Holds back all removals of files until the returned function is called. */
  async hold(): Promise<() => void> {
    this.#holds++;
    await this.#running;
    return () => {
      if (--this.#holds === 0) this.poke();
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#running;
    this.#cancelRetry?.();
  }

  async #run(): Promise<void> {
    try {
      while (this.#again && !this.#stopped()) {
        this.#again = false;
        await this.#removeDead();
        if (!this.#options.reserve.isKept && !this.#stopped()) await this.#leaveDead();
        if (!this.#stopped()) await this.#compact();
      }
    } catch (error) {
      // The disk is full or failing. A put that fails may have had the last room for a moment, and on a full disk no
      // other occasion comes.
      this.#options.log.warn({ err: error }, 'could not free disk space');
      if (!this.#closed) this.#cancelRetry = this.#options.clock.schedule(RETRY_MS, () => this.poke());
    }
    this.#running = undefined;
  }

  #stopped(): boolean {
    return this.#closed || this.#holds > 0;
  }

  async #removeDead(): Promise<void> {
    const { state } = this.#options;
    const dead = [...state.sealed.values()].filter(
      (segment) => segment.liveBytes === 0 && !this.#hasRows(segment),
    );
    const free = dead.filter((segment) => !this.#hasYoungKeys(segment));
    this.#waitForKeys(dead);
    if (free.length > 0) await this.#replace(free, undefined);
  }

  /** On a full disk, starts a new segment when hardly anything in the current one is still needed. */
  async #leaveDead(): Promise<void> {
    const { state, journal, committer } = this.#options;
    const { active } = journal;
    if (active === undefined) return;
    let live = 0;
    for (const [id, index] of state.active.indexes) {
      live += index.bytesFrom(state.logs.get(id)?.firstIndex ?? Infinity);
    }
    const dead = active.end - active.checkpointEnd - live;
    // A new segment begins with its own checkpoint.
    if (dead < live + 2 * active.checkpointEnd) return;
    journal.leave();
    await committer.perform((draft) => draft.add({ kind: 'numbers', nextLog: state.nextLog }));
  }

  async #compact(): Promise<void> {
    const { state, segmentBytes, disk, store, clock, reserve } = this.#options;
    const victims = compactionCandidates([...state.sealed.values()].sort(byNumber), {
      segmentBytes,
      isShort: !reserve.isKept,
      isLeftAlone: (segment) =>
        this.#damaged.has(segment) || this.#hasYoungKeys(segment) || this.#hasRows(segment),
    });
    const [first] = victims;
    if (first === undefined) return;
    const into = { number: first.number, revision: first.revision + 1 };
    try {
      const footer = await rewriteSegments(disk, {
        victims,
        into,
        store,
        createdMs: clock.now(),
        isNeeded: ({ log, firstIndex, count }) =>
          firstIndex + count > (state.logs.get(log)?.firstIndex ?? Infinity),
        isCancelled: () => this.#stopped(),
      });
      if (footer === undefined) return;
      await this.#replace(
        victims,
        () => {
          for (const log of state.logs.values()) {
            if (log.spans.some((span) => victims.includes(span.segment))) {
              log.spans = log.spans.filter((span) => !victims.includes(span.segment));
            }
          }
          attachSegment(state, into, footer);
          sortSpans(state, footer);
        },
        into,
      );
      this.#again = true;
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      for (const victim of victims) this.#damaged.add(victim);
      this.#options.log.error({ err: error }, 'a segment is damaged and is kept as it is');
    }
  }

  async #replace(
    gone: readonly SealedSegment[],
    attach: (() => void) | undefined,
    into?: { readonly number: number; readonly revision: number },
  ): Promise<void> {
    const { state, committer, segments, disk } = this.#options;
    const names = gone.map(({ number, revision }) => ({ number, revision }));
    await committer.afterDurable(
      (draft) => draft.add({ kind: 'segments', gone: names, came: into === undefined ? [] : [into] }),
      () => {
        for (const segment of gone) state.sealed.delete(segment.number);
        attach?.();
      },
    );
    for (const segment of gone) {
      await segments.forget(segment.path);
      await disk.remove(segment.path);
    }
  }

  /** Whether it has row changes that may not be in a table file yet. */
  #hasRows(segment: SealedSegment): boolean {
    return segment.number >= this.#options.state.rows.keptSegment;
  }

  #hasYoungKeys(segment: SealedSegment): boolean {
    const { clock, idempotencyKeyLifetimeMs } = this.#options;
    return segment.newestKeyMs > 0 && clock.now() - segment.newestKeyMs < idempotencyKeyLifetimeMs;
  }

  #waitForKeys(dead: readonly SealedSegment[]): void {
    this.#cancelTimer?.();
    const { clock, idempotencyKeyLifetimeMs } = this.#options;
    const due = Math.min(
      ...dead
        .map((segment) => segment.newestKeyMs + idempotencyKeyLifetimeMs)
        .filter((ms) => ms > clock.now()),
    );
    if (due !== Infinity) this.#cancelTimer = clock.schedule(due - clock.now(), () => this.poke());
  }
}

/** The rewritten part was added last; move it before the newer ones. */
function sortSpans(state: State, footer: Footer): void {
  for (const { log } of footer.logs) state.logs.get(log)?.spans.sort((a, b) => a.firstIndex - b.firstIndex);
}

function byNumber(a: SealedSegment, b: SealedSegment): number {
  return a.number - b.number;
}
