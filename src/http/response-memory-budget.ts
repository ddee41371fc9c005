import { limits } from '../limits.ts';

export interface ResponseBounds {
  /** What all responses together should take. Beyond it they are made smaller, and stalled clients are cut off sooner. */
  readonly bytesMax: number;
  /** What they may take: beyond it a response that is not small is refused. */
  readonly hardBytesMax: number;
  readonly smallBytes: number;
  /** How long a client may take nothing of its response. */
  readonly takeMs: number;
  /** The same while more than `bytesMax` are held. */
  readonly stallMs: number;
}

const defaultBounds: ResponseBounds = {
  bytesMax: limits.responseBytesInFlightMax,
  hardBytesMax: limits.responseBytesInFlightHardMax,
  smallBytes: limits.responseBytesSmall,
  takeMs: limits.takeTimeoutMs,
  stallMs: limits.responseStallMs,
};

/** A client that has not taken what was written for it. */
interface Stalled {
  readonly sinceMs: number;
  readonly cut: () => void;
}

/**
 * Counts the memory of responses, from when they are made until their clients have taken them. Clients that do not read
 * can fill it, but not keep it from others: the fuller it is, the less is read from disk for the next response, and
 * those who have taken nothing for the longest time are cut off.
 */
export class ResponseMemoryBudget {
  readonly bounds: ResponseBounds;
  #bytes = 0;
  /** In the order in which they stopped taking. */
  readonly #stalled = new Set<Stalled>();

  constructor(bounds: Partial<ResponseBounds> = {}) {
    this.bounds = { ...defaultBounds, ...bounds };
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** A client takes nothing until the function that this gives is called. `cut` must free what is held for it. */
  stall(cut: () => void): () => void {
    const stalled: Stalled = { sinceMs: performance.now(), cut };
    this.#stalled.add(stalled);
    return () => void this.#stalled.delete(stalled);
  }

  /** Cuts off stalled clients, the longest stalled first, until there is room for `bytes` more or none is left. */
  makeRoom(bytes: number): void {
    const { bytesMax, stallMs } = this.bounds;
    if (this.#bytes + bytes <= bytesMax) return;
    this.#cutWhile((stalledMs) => stalledMs >= stallMs && this.#bytes + bytes > bytesMax);
  }

  /** To be called now and then. */
  checkDeadlines(): void {
    this.#cutWhile((stalledMs) => stalledMs >= this.bounds.takeMs);
    this.makeRoom(0);
  }

  #cutWhile(isOver: (stalledMs: number) => boolean): void {
    const nowMs = performance.now();
    for (const stalled of this.#stalled) {
      if (!isOver(nowMs - stalled.sinceMs)) return;
      this.#stalled.delete(stalled);
      stalled.cut();
    }
  }
}

/** What one response holds of the budget. */
export class ResponseReservation {
  readonly #budget: ResponseMemoryBudget;
  #bytes = 0;

  constructor(budget: ResponseMemoryBudget) {
    this.#budget = budget;
  }

  /**
   * Reserves memory for a response whose size its maker can choose, and gives how much it may take: `wantedBytes` while
   * there is room, less when it becomes scarce, but always enough to make progress.
   */
  grant(wantedBytes: number): number {
    this.free();
    const { bytesMax, smallBytes } = this.#budget.bounds;
    this.#budget.makeRoom(wantedBytes);
    const scarce = Math.max(smallBytes, Math.floor((bytesMax - this.#budget.bytes) / 2));
    const granted = Math.min(wantedBytes, scarce);
    this.#hold(granted);
    return granted;
  }

  /** Holds the bytes of a response that has been made. False when it is not small and there is no room for it. */
  admit(bytes: number): boolean {
    this.free();
    const budget = this.#budget;
    const { hardBytesMax, smallBytes } = budget.bounds;
    budget.makeRoom(bytes);
    if (bytes > smallBytes && budget.bytes + bytes > hardBytesMax) return false;
    this.#hold(bytes);
    return true;
  }

  /** Holds at least so much: what is known to wait for the client. */
  raise(bytes: number): void {
    if (bytes > this.#bytes) this.#hold(bytes - this.#bytes);
  }

  free(): void {
    if (this.#bytes === 0) return;
    this.#budget.add(-this.#bytes);
    this.#bytes = 0;
  }

  /** As ResponseMemoryBudget's. */
  stall(cut: () => void): () => void {
    return this.#budget.stall(() => {
      this.free();
      cut();
    });
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.add(bytes);
  }
}
