/**
 * Tells whether this process still owns the data folder. Code that makes data durable calls `check` after the sync
 * and before the acknowledgement, so that an owner that was replaced while it was suspended acknowledges nothing.
 */
export interface Fence {
  /** Throws once another process has taken over. Costs one system call and never waits. */
  check(): void;
}

/** For stores that cannot be taken over, such as one on a simulated disk. */
export const unfenced: Fence = { check: () => undefined };
