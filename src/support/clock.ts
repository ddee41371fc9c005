/**
 * Time as an argument: code that waits or takes timestamps gets a Clock, so that a test can run a day of retention in
 * a millisecond and a seeded run always sees the same times.
 */
export interface Clock {
  /** Milliseconds since the epoch; an integer. */
  now(): number;
  /** Calls back once after at least `delayMs`; the returned function cancels. Never keeps the process alive. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** setTimeout overflows above this and would fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when `signal` aborts: a sleep that is cut short is not an error. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = clock.schedule(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
    function finish(): void {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    }
  });
}

/** A clock that stands still until a test moves it. Callbacks run in the order of their due times. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #scheduled = new Map<number, { dueMs: number; callback: () => void }>();

  constructor(nowMs = 0) {
    this.#now = nowMs;
  }

  now(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const id = this.#order++;
    this.#scheduled.set(id, { dueMs: this.#now + Math.max(delayMs, 0), callback });
    return () => this.#scheduled.delete(id);
  }

  advance(byMs: number): void {
    const until = this.#now + byMs;
    for (;;) {
      let next: { id: number; dueMs: number; callback: () => void } | undefined;
      for (const [id, entry] of this.#scheduled) {
        if (entry.dueMs <= until && (next === undefined || entry.dueMs < next.dueMs)) next = { id, ...entry };
      }
      if (next === undefined) break;
      this.#scheduled.delete(next.id);
      this.#now = Math.max(this.#now, next.dueMs);
      next.callback();
    }
    this.#now = until;
  }
}
