/** Bounds of HTTP endpoint destinations; AWS's own. */
export const httpLimits = {
  /** Before compression. */
  requestBytesMax: 64 * 1024 * 1024,
  responseBytesMax: 1024 * 1024,
  timeoutMs: 3 * 60_000,
  socketsMax: 8,
  retryInitialMs: 1_000,
  retryMaxMs: 120_000,
  /** Pauses vary by that share, more or less. */
  retrySpread: 0.15,
} as const;
