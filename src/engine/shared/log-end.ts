import { sleep, type Clock } from '../../support/clock.ts';
import { sharedLimits } from './limits.ts';
import type { SharedLog } from './shared-log.ts';

/** Where the next frame goes, by what the store said within the last second: health checks ask often. */
export class LogEnd {
  readonly #log: Pick<SharedLog, 'bounds'>;
  readonly #timers: Clock;
  /** What the store was asked last, and until when that is used. */
  #asked: { readonly next: Promise<number>; readonly untilMs: number } | undefined;

  constructor(log: Pick<SharedLog, 'bounds'>, timers: Clock) {
    this.#log = log;
    this.#timers = timers;
  }

  /** Rejects when the store does not answer. */
  async next(): Promise<number> {
    const nowMs = this.#timers.now();
    if (this.#asked === undefined || nowMs >= this.#asked.untilMs) {
      const next = this.#log.bounds().then((bounds) => bounds.next);
      next.catch(() => undefined);
      this.#asked = { next, untilMs: nowMs + sharedLimits.lagKeptMs };
    }
    const answered = new AbortController();
    const late = sleep(this.#timers, sharedLimits.lagWaitMs, answered.signal).then(() => undefined);
    const next = await Promise.race([this.#asked.next, late]).finally(() => answered.abort());
    if (next === undefined) throw new Error('the store of the shared log does not answer');
    return next;
  }
}
