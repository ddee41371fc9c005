/** Bounds of readers of streams: mappings, list logs, deliveries. */
export const consumerLimits = {
  /** Delay before a consumer retries a failed read or batch for the first time. */
  retryInitialMs: 100,
  /** Maximum delay before a consumer retries a failed read or batch. */
  retryMsMax: 10_000,
  /** How long a batch without a window may take to fill while more records are available. */
  fillMs: 10,
  /** Records that a consumer reads from a shard at once. */
  readRecordsMax: 10_000,
  /** Measured memory that a buffered record takes besides its data: objects and its sequence number. */
  recordOverheadBytes: 640,
} as const;
