import assert, { AssertionError } from 'node:assert/strict';
import type { Clock } from '../../../support/clock.ts';
import { EngineBusyError, EngineFullError, NotOwnerError } from '../../engine.ts';
import { GroupCommit } from './group-commit.ts';
import { isNoSpace } from '../../../errors.ts';
import { EngineClosedError, EngineCopyError, EngineWriteError } from '../errors.ts';
import type { Journal } from './journal.ts';
import type { EmergencySpace } from './emergency-space.ts';
import type { State } from '../state.ts';
import type { TailCache } from '../read/tail-cache.ts';

export type OnDurable = (frame: { readonly segment: number; readonly position: number }) => void;

/** A change to be made durable. */
export interface PendingCommit {
  /** Size of its records; work without records may use the emergency space of a full disk. */
  readonly bytes: number;
  /**
   * Adds its part to the frame being assembled and returns what to do once it is durable; undefined when it depends on
   * the result of this frame. When it throws, it has added nothing, and `fail` is called. Called again for another
   * frame when the disk was too full for the first.
   */
  stage(draft: GroupCommit): OnDurable | undefined;
  fail(error: unknown): void;
}

export interface CommitterOptions {
  readonly clock: Clock;
  readonly state: State;
  readonly journal: Journal;
  readonly cache: TailCache;
  readonly reserve: EmergencySpace;
  readonly frameBytesMax: number;
  readonly chunkBytesMax: number;
  readonly bytesInFlightMax: number;
  readonly commitsWaitingMax: number;
  /** Called once, when this process lacks a commit that the shared log has. */
  readonly onLost?: ((error: EngineCopyError) => void) | undefined;
}

/**
 * Group commit: everything that arrives while a frame is being synced forms the next one. Only one frame is in progress
 * at a time, so a frame always builds on durable state.
 */
export class Committer {
  readonly #options: CommitterOptions;
  #queue: PendingCommit[] = [];
  #bytesInFlight = 0;
  #running: Promise<void> | undefined;
  /** Work between two frames. */
  #turns: (() => Promise<void>)[] = [];
  #closed = false;
  #lost: EngineCopyError | undefined;
  /** Error of the last write, if it failed. */
  #failure: EngineFullError | EngineWriteError | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Throws EngineBusyError, EngineClosedError; later failures are passed to the work. */
  submit(work: PendingCommit): void {
    if (this.#closed) throw new EngineClosedError();
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#queue.length >= this.#options.commitsWaitingMax) {
      throw new EngineBusyError('too many changes are waiting for the disk');
    }
    const bytes = this.#bytesInFlight + work.bytes;
    // A request larger than the whole bound is accepted when it is alone.
    if (work.bytes > 0 && this.#bytesInFlight > 0 && bytes > this.#options.bytesInFlightMax) {
      throw new EngineBusyError('too many bytes are waiting for the disk');
    }
    this.#bytesInFlight = bytes;
    this.#queue.push(work);
    this.#running ??= this.#run();
  }

  /** Runs `work` while no frame is in progress. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new EngineClosedError());
    return new Promise((resolve, reject) => {
      this.#turns.push(() => this.#guarded(work).then(resolve, reject));
      this.#running ??= this.#run();
    });
  }

  /** This process lacks a commit that the shared log has: it takes no further one. */
  lose(error: EngineCopyError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#options.onLost?.(error);
  }

  /** `submit` as a promise of the result of `stage`, resolved once durable. */
  perform<Result>(stage: (draft: GroupCommit) => Result): Promise<Result> {
    return this.afterDurable(stage, (result) => result);
  }

  /** Like `perform`; `then` runs in the same tick in which readers start to see the change. */
  afterDurable<Staged, Result>(
    stage: (draft: GroupCommit) => Staged,
    then: (staged: Staged) => Result,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.submit({
        bytes: 0,
        stage: (draft) => {
          const staged = stage(draft);
          return () => resolve(then(staged));
        },
        fail: reject,
      });
    });
  }

  /** Why the last write failed, or why records are refused; undefined when writing works. */
  get failure(): EngineFullError | EngineWriteError | undefined {
    return this.#options.reserve.isKept ? this.#failure : (this.#failure ?? noRoom());
  }

  /** Finds out whether writing works again. On a full disk this takes no space: it writes only once there is some. */
  async retry(): Promise<void> {
    await this.perform((draft) => {
      if (this.#options.reserve.isKept) draft.takeNumbers(0);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // All requests that arrived in the same turn of the event loop share one frame.
    if (this.#turns.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const turn = this.#turns.shift();
      if (turn !== undefined) await turn();
      else if (this.#queue.length > 0) await this.#commit();
      else break;
    }
    this.#options.journal.settle();
    // In the same tick as the last look at the queue: the next submission starts a new loop.
    this.#running = undefined;
  }

  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#lost !== undefined) throw this.#lost;
    try {
      return await work();
    } catch (error) {
      if (error instanceof EngineCopyError) this.lose(error);
      throw error;
    }
  }

  async #commit(): Promise<void> {
    const { state, clock, chunkBytesMax, reserve } = this.#options;
    if (!reserve.isKept && !(await reserve.restore())) this.#refuseRecords();
    const draft = new GroupCommit(state, { nowMs: clock.now(), chunkBytesMax });
    const { works, done } = this.#stage(draft);
    try {
      const place = await this.#guarded(() => this.#write(draft));
      // Without a write nothing is known about the disk.
      if (place.segment > 0) this.#failure = undefined;
      for (const finish of done) finish(place);
    } catch (error) {
      // A broken invariant ends the process: nothing of this frame was acknowledged, and nothing must be.
      if (error instanceof AssertionError) throw error;
      if (isNoSpace(error) && (await this.#releaseReserve())) {
        // Try again without the records.
        this.#queue = [...works, ...this.#queue];
        return;
      }
      const reason = this.#reasonOf(error);
      for (const work of works) work.fail(reason);
    }
    for (const work of works) this.#bytesInFlight -= work.bytes;
    assert(this.#bytesInFlight >= 0, 'more bytes were released than submitted');
  }

  #reasonOf(error: unknown): unknown {
    // Nothing is wrong with the disk.
    if (error instanceof NotOwnerError) return error;
    return (this.#failure = isNoSpace(error) ? noRoom(error) : new EngineWriteError(error));
  }

  async #releaseReserve(): Promise<boolean> {
    return await this.#options.reserve.release().catch(() => false);
  }

  #refuseRecords(): void {
    const queue = this.#queue;
    this.#queue = queue.filter(({ bytes }) => bytes === 0);
    for (const work of queue) {
      if (work.bytes === 0) continue;
      this.#bytesInFlight -= work.bytes;
      work.fail(noRoom());
    }
  }

  #stage(draft: GroupCommit): { works: PendingCommit[]; done: OnDurable[] } {
    const works: PendingCommit[] = [];
    const done: OnDurable[] = [];
    let taken = 0;
    for (const work of this.#queue) {
      if (draft.payloadBytes + draft.rows.bytes >= this.#options.frameBytesMax) break;
      try {
        const finish = work.stage(draft);
        if (finish === undefined) break;
        taken++;
        done.push(finish);
        works.push(work);
      } catch (error) {
        taken++;
        this.#bytesInFlight -= work.bytes;
        work.fail(error);
      }
    }
    this.#queue = this.#queue.slice(taken);
    return { works, done };
  }

  async #write(draft: GroupCommit): Promise<{ segment: number; position: number }> {
    const { journal, cache } = this.#options;
    const { entries, payload, batches } = draft.finish();
    if (entries.length === 0) return { segment: 0, position: 0 };
    const frame = await journal.write(entries, payload, () => {
      for (const { log, batch } of batches) cache.add(log, batch);
    });
    return frame;
  }
}

function noRoom(cause?: unknown): EngineFullError {
  return new EngineFullError('no space left on the disk', { cause });
}
