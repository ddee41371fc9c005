/** Bounds of HTTP endpoint destinations; AWS's own. */
export const httpLimits = {
  /** Size of a request before compression. */
  requestBytesMax: 64 * 1024 * 1024,
  /** Size of a response that is read. */
  responseBytesMax: 1024 * 1024,
  /** How long an endpoint may take to respond. */
  timeoutMs: 3 * 60_000,
  /** Connections to an endpoint. */
  socketsMax: 8,
  /** Delay before a request is first retried. */
  retryInitialMs: 1_000,
  /** Maximum delay before a request is retried. */
  retryMaxMs: 120_000,
  /** Delays vary randomly by this share, up or down. */
  retrySpread: 0.15,
} as const;
