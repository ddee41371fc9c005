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
  /** Messages whose deletion is a bit of one row. */
  deletedBlockMessages: 512,
  /** Deleted messages after which the log of a leased queue is trimmed. */
  deletedBetweenTrims: 1_024,
  /** Bytes of deleted messages after which the log of a leased queue is trimmed. */
  deletedBytesBetweenTrims: 16 * 1024 * 1024,
  /** Messages that a leased queue reads ahead from a log. */
  readAheadMessages: 512,
  /** Bytes of messages that a leased queue reads ahead from a log. */
  readAheadBytes: 256 * 1024,
  /** Bytes of messages that all leased queues together have read ahead. */
  readAheadBytesMax: 16 * 1024 * 1024,
  /** Messages at the front of a FIFO queue among which groups that may be received are looked for, as on AWS. */
  groupWindowMessages: 120_000,
  /** Bytes of those messages in memory; the others are read again when they are received. */
  groupWindowBytes: 4 * 1024 * 1024,
  /** Messages of a queue that were received and not deleted; with more, no others are received. */
  leasesMax: 120_000,
  /** Logs of a standard queue, for each delay, over which messages with a group are spread. */
  groupLogs: 16,
  /** Delay after which the counts of messages that were received and not deleted are stored. */
  storeCountsAfterMs: 200,
  /** How long a message with a deduplication id keeps others with the same one from being sent, as on AWS. */
  deduplicationLifeMs: 5 * 60_000,
  /** Deduplication rows that are removed in one commit. */
  deduplicationRowsPerCommit: 1_000,
  /** Deduplication ids of a filter in memory, of 4 bytes for each. */
  filterKeys: 65_536,
  /** How long a receive of a FIFO queue can be repeated by its attempt id, as on AWS. */
  receiveAttemptLifeMs: 5 * 60_000,
} as const;
