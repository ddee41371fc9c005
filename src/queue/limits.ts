/** Bounds of durable queues. */
export const queueLimits = {
  /** Messages of a lane held in memory; the others wait on disk. */
  windowMessages: 64,
  /** Lanes in memory, each with its window; the others wait on disk for their turn. */
  lanesMax: 1_024,
  settledBetweenTrims: 256,
  /** Bodies that are trimmed together. */
  blockBodies: 256,
  /** When a message is postponed, a body that is this far behind the newest one is stored again. */
  bodiesBehindMax: 8_192,
  /** Delay after an error of the server itself. */
  faultRetryMs: 20_000,
  faultsMax: 100,
  /** Delay after a failure to store the result of an attempt. */
  writeRetryMs: 1_000,
} as const;
