import { sleep, type Clock } from '../../support/clock.ts';
import { Freshness, type Times } from './freshness.ts';
import { sharedLimits } from './limits.ts';
import type { SharedLog } from './shared-log.ts';

export interface FollowerAgeOptions {
  readonly log: Pick<SharedLog, 'bounds'>;
  readonly timers: Clock;
  readonly times: Times;
  /** How often the owner appends a frame. */
  readonly heartbeatEveryMs: number;
  /** Of the newest frame that was applied. */
  readonly position: () => number;
}

/**
 * How old what a standby has applied may be, by its own clocks only. It asks the store where the log ends, and waits
 * until it has applied everything up to there: then it has all that was acknowledged before it asked. A broker of Kafka
 * that others have replaced without its knowledge goes on answering, but has no new frames, so frames must arrive too.
 */
export class FollowerAge {
  readonly #options: FollowerAgeOptions;
  readonly #confirmed: Freshness;
  readonly #heard: Freshness;
  #asking: { readonly done: Promise<void>; readonly sinceMs: number } | undefined;
  #awaited: { readonly position: number; readonly reached: () => void } | undefined;

  constructor(options: FollowerAgeOptions) {
    this.#options = options;
    this.#confirmed = new Freshness(options.times);
    this.#heard = new Freshness(options.times);
  }

  /** What was acknowledged longer ago than this has been applied. */
  get ms(): number {
    return this.#confirmed.agedMs;
  }

  /** A frame was applied. */
  took(): void {
    this.#heard.sent()();
    if (this.#awaited !== undefined && this.#options.position() >= this.#awaited.position)
      this.#awaited.reached();
  }

  /** Whether it is at most so old; asks the store when it may be older soon. Never rejects. */
  async isAtMost(maxMs: number): Promise<boolean> {
    if (this.ms > maxMs / 2) this.#askOnce();
    if (!this.#is(maxMs)) await this.#wait();
    return this.#is(maxMs);
  }

  #is(maxMs: number): boolean {
    const { heartbeatEveryMs } = this.#options;
    const quietMaxMs = Math.max(maxMs, heartbeatEveryMs * sharedLimits.heartbeatsMissedMax);
    return this.ms <= maxMs && this.#heard.agedMs <= quietMaxMs;
  }

  #askOnce(): void {
    if (this.#asking !== undefined) return;
    const done = this.#ask()
      .catch(() => undefined)
      .finally(() => (this.#asking = undefined));
    this.#asking = { done, sinceMs: this.#options.timers.now() };
  }

  async #ask(): Promise<void> {
    const { log, position } = this.#options;
    const confirmed = this.#confirmed.sent();
    const last = (await log.bounds()).next - 1;
    if (position() < last) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#awaited = { position: last, reached: resolve };
      await promise;
      this.#awaited = undefined;
    }
    confirmed();
  }

  /** For the answer, if the store was asked a short while ago. */
  async #wait(): Promise<void> {
    const { timers } = this.#options;
    if (this.#asking === undefined) return;
    const { done, sinceMs } = this.#asking;
    const leftMs = sinceMs + sharedLimits.ageWaitMs - timers.now();
    if (leftMs <= 0) return;
    const answered = new AbortController();
    await Promise.race([done, sleep(timers, leftMs, answered.signal)]).finally(() => answered.abort());
  }
}
