/** Bounds of durable queues. */
export const queueLimits = {
  /** Messages of a lane in memory; the others wait on disk. */
  windowMessages: 64,
  /** Lanes in memory; the others wait on disk for their turn. */
  lanesMax: 1_024,
  /** Settled messages after which the bodies of settled messages are trimmed. */
  settledBetweenTrims: 256,
  /** Bodies that are trimmed together. */
  blockBodies: 256,
  /**
   * A postponed message's body that is this many bodies behind the newest one is stored again, so that older ones can
   * be trimmed.
   */
  bodiesBehindMax: 8_192,
  /** Delay before a message is retried after an internal error. */
  faultRetryMs: 20_000,
  /** Internal errors of one message before it is treated as lost. */
  faultsMax: 100,
  /** Delay before storing the result of an attempt is retried. */
  writeRetryMs: 1_000,
} as const;
