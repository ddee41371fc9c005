import { httpLimits } from './limits.ts';

export interface ResponseBounds {
  /** The intended total. Above it, responses are made smaller and stalled clients are cut off sooner. */
  readonly bytesMax: number;
  /** The hard limit: above it, all but small responses are refused. */
  readonly hardBytesMax: number;
  readonly smallBytes: number;
  /** How long a client may read nothing of its response. */
  readonly writeMs: number;
  /** The same, while more than `bytesMax` is in use. */
  readonly stallMs: number;
}

const defaultBounds: ResponseBounds = {
  bytesMax: httpLimits.responseBytesInFlightMax,
  hardBytesMax: httpLimits.responseBytesInFlightHardMax,
  smallBytes: httpLimits.responseBytesSmall,
  writeMs: httpLimits.writeTimeoutMs,
  stallMs: httpLimits.responseStallMs,
};

/** A client that does not read what was written for it. */
interface Stalled {
  readonly sinceMs: number;
  readonly cut: () => void;
}

/**
 * Counts the memory of responses from when they are made until their clients have read them. Clients that do not read
 * can fill the budget but cannot block others: the fuller it is, the less is read from disk for the next response,
 * and the clients that have stalled longest are cut off.
 */
export class ResponseMemoryBudget {
  readonly bounds: ResponseBounds;
  #bytes = 0;
  /** In the order in which they stalled. */
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

  /**
   * Registers a client that has stopped reading, until the returned function is called. `cut` must free the client's
   * memory.
   */
  stall(cut: () => void): () => void {
    const stalled: Stalled = { sinceMs: performance.now(), cut };
    this.#stalled.add(stalled);
    return () => void this.#stalled.delete(stalled);
  }

  /** Cuts off stalled clients, the longest stalled first, until `bytes` more fit or no stalled client is left. */
  makeRoom(bytes: number): void {
    const { bytesMax, stallMs } = this.bounds;
    if (this.#bytes + bytes <= bytesMax) return;
    this.#cutWhile((stalledMs) => stalledMs >= stallMs && this.#bytes + bytes > bytesMax);
  }

  /** Call this regularly. */
  checkDeadlines(): void {
    this.#cutWhile((stalledMs) => stalledMs >= this.bounds.writeMs);
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

/** One response's share of the budget. */
export class ResponseReservation {
  readonly #budget: ResponseMemoryBudget;
  #bytes = 0;
  #expectedBytes = 0;

  constructor(budget: ResponseMemoryBudget) {
    this.#budget = budget;
  }

  /**
   * Reserves memory for a response whose size can be chosen. Returns how much it may use: `wantedBytes` while memory
   * is plentiful, less when it is scarce, but always enough to make progress.
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

  /**
   * Whether a response of up to this size fits, so that no expensive work is wasted. If so, `admit` accepts such
   * a response whatever arrives meanwhile. Reserves nothing.
   */
  expect(bytes: number): boolean {
    const budget = this.#budget;
    budget.makeRoom(bytes);
    if (budget.bytes + bytes > budget.bounds.hardBytesMax) return false;
    this.#expectedBytes = bytes;
    return true;
  }

  /**
   * Reserves the bytes of a finished response. Returns false when it is not small and the budget has no room for it.
   */
  admit(bytes: number): boolean {
    this.free();
    const budget = this.#budget;
    const { hardBytesMax, smallBytes } = budget.bounds;
    budget.makeRoom(bytes);
    const isSure = bytes <= Math.max(smallBytes, this.#expectedBytes);
    if (!isSure && budget.bytes + bytes > hardBytesMax) return false;
    this.#hold(bytes);
    return true;
  }

  /** Reserves at least this much: the amount that is known to wait for the client. */
  raise(bytes: number): void {
    if (bytes > this.#bytes) this.#hold(bytes - this.#bytes);
  }

  free(): void {
    if (this.#bytes === 0) return;
    this.#budget.add(-this.#bytes);
    this.#bytes = 0;
  }

  /** See ResponseMemoryBudget.stall. */
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
