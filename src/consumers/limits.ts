/** Bounds of readers of streams: mappings, list logs, deliveries. */
export const consumerLimits = {
  retryInitialMs: 100,
  retryMsMax: 10_000,
  /** How long a batch without a window may take to fill while more records are available. */
  fillMs: 10,
  readRecordsMax: 10_000,
  /** The memory that a waiting record takes besides its data, as measured: objects, its sequence number. */
  recordOverheadBytes: 640,
} as const;
