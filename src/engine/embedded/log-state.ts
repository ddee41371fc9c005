import type { LogId } from '../engine.ts';
import type { LogRow } from './format/footer.ts';
import type { SealedSegment } from './read/sealed-segment.ts';

/** A log's part of a sealed segment, with the number of that segment. */
export interface Span extends LogRow {
  readonly segment: SealedSegment;
}

interface Waiter {
  readonly index: number;
  readonly wake: () => void;
}

/** The durable state of a log. Only State.apply changes it. */
export class LogState {
  readonly id: LogId;
  firstIndex = 0;
  nextIndex = 0;
  lastArrivalMs = 0;
  sealed = false;
  /** Its parts of the sealed segments, in index order. */
  spans: Span[] = [];
  readonly #waiters = new Set<Waiter>();

  constructor(id: LogId) {
    this.id = id;
  }

  /** The span that holds `index`, when it is in a sealed segment. */
  spanOf(index: number): Span | undefined {
    let low = 0;
    let high = this.spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.spans[middle]?.nextIndex ?? 0) > index) high = middle;
      else low = middle + 1;
    }
    const span = this.spans[low];
    return span !== undefined && span.firstIndex <= index ? span : undefined;
  }

  waitFor(index: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiter: Waiter = { index, wake };
      const waiters = this.#waiters;
      waiters.add(waiter);
      signal.addEventListener('abort', wake, { once: true });
      function wake(): void {
        waiters.delete(waiter);
        signal.removeEventListener('abort', wake);
        resolve();
      }
    });
  }

  /** Wakes the waiters that the tail has passed; all of them when no more records will come. */
  wake(all = false): void {
    for (const waiter of this.#waiters) {
      if (all || this.nextIndex > waiter.index) waiter.wake();
    }
  }
}
