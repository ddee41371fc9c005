import type { Clock } from './clock.ts';

interface Waiter {
  readonly dueMs: number;
  readonly callback: () => void;
}

/**
 * Many waits of one length on one timer. The first to wait is the first that is due, so a queue in the order of
 * arrival is enough: adding and cancelling cost no more with thousands of waiters than with one.
 */
export class SharedDelay {
  readonly #clock: Clock;
  readonly #delayMs: number;
  /** In the order in which they are due. */
  readonly #waiters = new Set<Waiter>();
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Calls back once after the delay; the returned function cancels. */
  add(callback: () => void): () => void {
    const waiter = { dueMs: this.#clock.now() + this.#delayMs, callback };
    this.#waiters.add(waiter);
    if (this.#cancelTimer === undefined) this.#schedule(this.#delayMs);
    return () => {
      this.#waiters.delete(waiter);
      if (this.#waiters.size > 0) return;
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
    };
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer = this.#clock.schedule(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.#cancelTimer = undefined;
    const nowMs = this.#clock.now();
    for (const waiter of this.#waiters) {
      // A clock that was set back must not make anybody wait longer than the delay.
      const leftMs = Math.min(waiter.dueMs - nowMs, this.#delayMs);
      if (leftMs > 0) {
        if (this.#cancelTimer === undefined) this.#schedule(leftMs);
        return;
      }
      this.#waiters.delete(waiter);
      waiter.callback();
    }
  }
}
