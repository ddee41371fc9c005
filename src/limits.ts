/** Every bound of nagare, with its unit in its name. AWS's bounds on single values are in the services' `api.json`. */
export const limits = {
  // HTTP edge
  headersBytesMax: 64 * 1024,
  headersTimeoutMs: 20_000,
  requestTimeoutMs: 5 * 60_000,
  keepAliveTimeoutMs: 75_000,
  shutdownGraceMs: 10_000,

  // Readers of streams: mappings, list logs, deliveries
  consumerRetryFirstMs: 100,
  consumerRetryMostMs: 10_000,
  /** How long a batch without a window may take to fill while there is more to read. */
  consumerFillMs: 10,
  consumerReadRecordsMax: 10_000,
} as const;
