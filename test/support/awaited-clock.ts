import { ManualClock } from '../../src/support/clock.ts';
import { until } from './until.ts';

/** A clock that a test moves when somebody waits for it: moved before, it would be in vain. */
export class AwaitedClock extends ManualClock {
  readonly #delaysMs: number[] = [];

  override schedule(delayMs: number, callback: () => void): () => void {
    this.#delaysMs.push(delayMs);
    return super.schedule(delayMs, callback);
  }

  /** How often somebody has begun to wait for so long. */
  scheduled(delayMs: number): number {
    return this.#delaysMs.filter((ms) => ms === delayMs).length;
  }

  async untilScheduled(delayMs: number, times = 1): Promise<void> {
    const what = `something in ${delayMs} ms, for the ${times}. time`;
    await until(() => this.scheduled(delayMs) >= times, { what });
  }
}
