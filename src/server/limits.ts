/** Bounds of the server as a whole. */
export const serverLimits = {
  /** Request size of `nagare apply`. */
  applyRequestBytesMax: 16 * 1024 * 1024,
  commandBytesMax: 64 * 1024,
  /**
   * Interval of the blanks that a scrub of a running server sends until it has its result, because clients time out on
   * silence.
   */
  scrubProgressMs: 10_000,
  /** Below this free space `/health` reports a full disk. */
  healthyFreeBytesMin: 1024 * 1024,
  /** Lower where the system grants the process fewer handles. */
  connectionsMax: 20_000,
  /** Thresholds below or beyond which `nagare doctor` reports a problem. */
  doctorFreeBytesMin: 512 * 1024 * 1024,
  doctorFileHandlesMin: 4_096,
  doctorClockAheadMsMax: 60_000,
} as const;
