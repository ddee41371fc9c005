/** Bounds of durable queues. */
export const queueLimits = {
  /** Messages of a lane in memory; the others wait on disk. */
  windowMessages: 64,
  settledBetweenTrims: 256,
  /** Bodies that are freed together. */
  blockBodies: 256,
  /** A body that lies so far behind the newest one is stored again when its message is postponed. */
  bodiesBehindMax: 8_192,
  /** After an error of the server's own. */
  faultRetryMs: 20_000,
  faultsMax: 100,
  /** After it could not be written down what became of a message. */
  writeRetryMs: 1_000,
} as const;
