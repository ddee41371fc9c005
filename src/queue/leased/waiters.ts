import type { Clock } from '../../support/clock.ts';

export interface WaitersOptions {
  readonly clock: Clock;
  /** When the next message may be received, if none can be now; Infinity when that is not known. */
  readonly nextMs: () => number;
  /** Called at that time, before a waiter is woken. */
  readonly onDue: () => void;
}

interface Waiter {
  readonly finish: () => void;
}

/**
 * Receives that wait for messages. A message wakes the one that has waited longest, so that the others do not run, and
 * one timer serves all.
 */
export class Waiters {
  readonly #options: WaitersOptions;
  readonly #waiters = new Set<Waiter>();
  #cancelTimer: (() => void) | undefined;
  #dueMs = Infinity;

  constructor(options: WaitersOptions) {
    this.#options = options;
  }

  /** Resolves after the delay, when it is woken, or when the signal aborts. */
  async wait(delayMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { finish: () => resolve() };
    const cancel = this.#options.clock.schedule(delayMs, waiter.finish);
    signal.addEventListener('abort', waiter.finish, { once: true });
    this.#waiters.add(waiter);
    this.arm();
    await promise;
    cancel();
    signal.removeEventListener('abort', waiter.finish);
    // It may have been woken in the same turn in which the client left: the message is for another one.
    if (!this.#waiters.delete(waiter) && signal.aborted) this.wake(1);
  }

  /** Wakes so many of them. */
  wake(count: number): void {
    let left = count;
    for (const waiter of this.#waiters) {
      if (left-- <= 0) break;
      this.#waiters.delete(waiter);
      waiter.finish();
    }
    this.arm();
  }

  /** While somebody waits, wakes one when a message becomes visible or due. */
  arm(): void {
    if (this.#waiters.size === 0) return;
    const { clock, nextMs, onDue } = this.#options;
    const dueMs = nextMs();
    if (dueMs === this.#dueMs) return;
    this.#cancelTimer?.();
    this.#dueMs = dueMs;
    if (dueMs === Infinity) return;
    this.#cancelTimer = clock.schedule(dueMs - clock.now(), () => {
      this.#dueMs = Infinity;
      onDue();
      this.wake(1);
    });
  }

  close(): void {
    this.wake(Infinity);
    this.#cancelTimer?.();
  }
}
