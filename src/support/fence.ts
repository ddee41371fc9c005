/**
 * Whether this process still owns what it writes to. Whatever makes data durable calls `check` after the sync and
 * before the acknowledgement: an owner that was deposed while it stood still then acknowledges nothing.
 */
export interface Fence {
  /** Throws once another process has taken over. Costs one system call and never waits. */
  check(): void;
}

/** For a store whose owner cannot be deposed, such as one on a simulated disk. */
export const unfenced: Fence = { check: () => undefined };
