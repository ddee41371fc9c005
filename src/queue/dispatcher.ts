import { AssertionError } from 'node:assert/strict';
import type { Transaction } from '../engine/catalog.ts';
import { DamagedDataError } from '../errors.ts';
import { sleep, type Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import type { DurableQueue } from './durable-queue.ts';
import { LaneFinder } from './lane-finder.ts';
import { LaneWindow } from './lane-window.ts';
import type { QueueMessage } from './message.ts';
import { queueLimits } from './limits.ts';

/** The result of an attempt to deliver a message. */
export type Verdict =
  /** It was delivered or discarded. `change` becomes durable in the same commit. */
  | { readonly type: 'settled'; readonly change?: (transaction: Transaction) => void }
  /** It failed, which counts as an attempt, and is retried after this time. */
  | { readonly type: 'failed'; readonly retryAfterMs: number }
  /** It could not begin, which does not count. The lane waits for this time. */
  | { readonly type: 'notBegun'; readonly retryAfterMs: number }
  /** The dispatcher is closing. The message is delivered after the next start. */
  | { readonly type: 'interrupted' };

export interface DispatcherOptions<Head extends object> {
  readonly queue: DurableQueue<Head>;
  readonly clock: Clock;
  readonly log: Log;
  /** What a message is, for log lines: `a notification`. */
  readonly noun: string;
  /**
   * Makes one attempt to deliver a message, and decides when to give up on it. An exception counts as a fault of the
   * server: the message is retried later, up to `queueLimits.faultsMax` times.
   */
  readonly attempt: (message: QueueMessage<Head>, body: Buffer, signal: AbortSignal) => Promise<Verdict>;
  readonly atOnceMax: number;
  /** Called before each attempt. */
  readonly atOncePerLaneMax: (lane: string) => number;
  /** Lanes in memory; `queueLimits.lanesMax` if not given. */
  readonly lanesMax?: number;
}

interface DispatchLane<Head extends object> {
  readonly window: LaneWindow<Head>;
  /** Messages that were taken since the lane came into memory. */
  taken: number;
  running: number;
  pausedUntilMs: number;
  /** When a resting lane has something to do again. */
  wakeMs: number;
  cancelWake: () => void;
}

/**
 * Delivers the messages of a queue, each until it is settled. Lanes take turns, so that a slow one delays no other.
 * There is no polling: a lane wakes when a message is admitted, when an attempt ends, and when a message becomes due.
 * Attempts interrupted by a shutdown are made again after the next start, so a message may be delivered twice.
 */
export class Dispatcher<Head extends object> {
  readonly #options: DispatcherOptions<Head>;
  readonly #lanes = new Map<string, DispatchLane<Head>>();
  /** Lanes that may have a message ready, in turn. */
  readonly #turns = new Set<DispatchLane<Head>>();
  /** Lanes that wait for a due time. They are moved to disk when other lanes need their place. */
  readonly #resting = new Set<DispatchLane<Head>>();
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #finder: LaneFinder;
  readonly #lanesMax: number;
  #attempts = 0;

  constructor(options: DispatcherOptions<Head>) {
    this.#options = options;
    this.#lanesMax = options.lanesMax ?? queueLimits.lanesMax;
    const { queue, clock } = options;
    this.#finder = new LaneFinder({
      clock,
      nextLane: (after) => queue.nextLane(after),
      makeRoom: () => this.#makeRoom(),
      onFound: (name) => {
        this.#giveTurn(this.#lanes.get(name) ?? this.#addLane(name));
        this.#dispatch();
      },
      onFault: (error) => this.#logFault(error, undefined),
      signal: this.#closing.signal,
    });
  }

  /** Starts with the messages of earlier runs; returns immediately. */
  start(): void {
    this.#finder.poke();
  }

  /** Adds messages that have become durable; returns immediately. */
  accept(messages: readonly QueueMessage<Head>[]): void {
    for (const message of messages) {
      const lane = this.#lanes.get(message.lane);
      if (lane === undefined && !this.#makeRoom()) {
        this.#finder.leaveOut(message.dueMs ?? 0);
        continue;
      }
      const known = lane ?? this.#addLane(message.lane);
      known.window.admit(message);
      this.#giveTurn(known);
    }
    this.#dispatch();
  }

  /** Starts no more attempts, interrupts those in progress if possible, and waits for them. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { cancelWake } of this.#lanes.values()) cancelWake();
    await this.#finder.close();
    // Attempts that end may still store their result.
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #addLane(name: string): DispatchLane<Head> {
    const window = new LaneWindow(this.#options.queue, name, !this.#finder.mayFindMore);
    const lane = { window, taken: 0, running: 0, pausedUntilMs: 0, wakeMs: 0, cancelWake: () => {} };
    this.#lanes.set(name, lane);
    return lane;
  }

  #giveTurn(lane: DispatchLane<Head>): void {
    this.#resting.delete(lane);
    this.#turns.add(lane);
  }

  #dispatch(): void {
    const { clock, atOnceMax, atOncePerLaneMax } = this.#options;
    for (const lane of this.#turns) {
      if (this.#closing.signal.aborted || this.#attempts >= atOnceMax) return;
      this.#turns.delete(lane);
      const nowMs = clock.now();
      // It gets another turn when an attempt ends.
      if (lane.running > 0 && lane.running >= atOncePerLaneMax(lane.window.name)) continue;
      if (this.#hasHadItsTurns(lane)) {
        if (lane.running > 0 || lane.window.isLoading) continue;
        this.#leaveOut(lane, 0);
        this.#finder.poke();
        continue;
      }
      const isPaused = lane.pausedUntilMs > nowMs;
      const message = isPaused ? undefined : lane.window.take(nowMs);
      if (!isPaused && lane.window.needsLoad) this.#track(this.#load(lane));
      if (message === undefined) this.#rest(lane);
      else {
        this.#turns.add(lane);
        this.#begin(lane, message);
      }
    }
  }

  #begin(lane: DispatchLane<Head>, message: QueueMessage<Head>): void {
    lane.running++;
    lane.taken++;
    this.#attempts++;
    this.#track(
      this.#run(lane, message).finally(() => {
        lane.running--;
        this.#attempts--;
        this.#giveTurn(lane);
        this.#dispatch();
      }),
    );
  }

  /** Handles a lane that has nothing to do now: removes it, or wakes it later. */
  #rest(lane: DispatchLane<Head>): void {
    lane.cancelWake();
    const { window, pausedUntilMs } = lane;
    if (window.isEmpty) {
      this.#lanes.delete(window.name);
      this.#finder.poke();
      return;
    }
    const { clock } = this.#options;
    const nowMs = clock.now();
    const wakeMs = pausedUntilMs > nowMs ? pausedUntilMs : window.dueMs;
    if (wakeMs === undefined || window.isLoading) return;
    lane.wakeMs = wakeMs;
    if (lane.running === 0) this.#resting.add(lane);
    lane.cancelWake = clock.schedule(wakeMs - nowMs, () => {
      this.#giveTurn(lane);
      this.#dispatch();
    });
    this.#finder.poke();
  }

  #makeRoom(): boolean {
    if (this.#lanes.size < this.#lanesMax) return true;
    for (const lane of this.#resting) {
      this.#leaveOut(lane, lane.wakeMs);
      return true;
    }
    return false;
  }

  /** Removes a lane from memory to make room for lanes on disk, unless it has attempts in progress. */
  #hasHadItsTurns({ taken }: DispatchLane<Head>): boolean {
    const isFull = this.#lanes.size >= this.#lanesMax && this.#resting.size === 0;
    return isFull && this.#finder.mayFindMore && taken >= this.#options.queue.windowMessages;
  }

  /** Removes a lane from memory. Its messages are on disk, and are loaded again later. */
  #leaveOut(lane: DispatchLane<Head>, dueMs: number): void {
    lane.cancelWake();
    this.#resting.delete(lane);
    this.#lanes.delete(lane.window.name);
    this.#finder.leaveOut(dueMs);
  }

  async #load(lane: DispatchLane<Head>): Promise<void> {
    try {
      await lane.window.load();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#logFault(error, lane.window.name);
      lane.pausedUntilMs = this.#options.clock.now() + queueLimits.faultRetryMs;
    }
    this.#giveTurn(lane);
    this.#dispatch();
  }

  async #run(lane: DispatchLane<Head>, message: QueueMessage<Head>): Promise<void> {
    const { queue, clock } = this.#options;
    const verdict = await this.#attempt(message);
    switch (verdict.type) {
      case 'interrupted':
        return;
      case 'notBegun':
        lane.pausedUntilMs = clock.now() + verdict.retryAfterMs;
        lane.window.giveBack(message);
        return;
      case 'settled':
        await this.#write(() => queue.settle(message, verdict.change));
        lane.window.release(message);
        return;
      case 'failed':
      case 'fault': {
        const dueMs = Math.ceil(clock.now() + verdict.retryAfterMs);
        const isFault = verdict.type === 'fault';
        const attempts = message.attempts + (isFault ? 0 : 1);
        const faults = message.faults + (isFault ? 1 : 0);
        const after = await this.#write(() => queue.postpone(message, { dueMs, attempts, faults }));
        if (after === undefined) return;
        lane.window.postpone(message, after);
      }
    }
  }

  async #attempt(
    message: QueueMessage<Head>,
  ): Promise<Verdict | { readonly type: 'fault'; readonly retryAfterMs: number }> {
    const { queue, attempt, log, noun } = this.#options;
    const { signal } = this.#closing;
    const { lane, head } = message;
    try {
      const body = await queue.body(message);
      if (body !== undefined) return await attempt(message, body, signal);
      log.error({ lane, head }, `${noun} was discarded: its body is no longer in the log`);
      return { type: 'settled' };
    } catch (error) {
      if (signal.aborted) return { type: 'interrupted' };
      const isLost = error instanceof DamagedDataError || message.faults >= queueLimits.faultsMax;
      if (isLost) {
        log.error(
          { err: error, lane, head },
          `${noun} was discarded: processing it failed repeatedly in the server`,
        );
        return { type: 'settled' };
      }
      this.#logFault(error, lane);
      return { type: 'fault', retryAfterMs: queueLimits.faultRetryMs };
    }
  }

  /**
   * Retries a write until it succeeds, so that a message whose result is not stored is not delivered again. Undefined
   * when closing.
   */
  async #write<Result>(write: () => Promise<Result>): Promise<Result | undefined> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    for (;;) {
      try {
        return await write();
      } catch (error) {
        // A broken invariant ends the process, as in the engine.
        if (error instanceof AssertionError) throw error;
        this.#logFault(error, undefined);
        if (signal.aborted) return undefined;
        await sleep(clock, queueLimits.writeRetryMs, signal);
      }
    }
  }

  #logFault(error: unknown, lane: string | undefined): void {
    const { log, noun } = this.#options;
    log.error({ err: error, lane }, `could not process ${noun}; trying again`);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }
}
