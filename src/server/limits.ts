/** Bounds of the server as a whole. */
export const serverLimits = {
  /** Maximum size of a request of `nagare apply`. */
  applyRequestBytesMax: 16 * 1024 * 1024,
  /** Maximum size of a request to back up or scrub a running server. */
  commandBytesMax: 64 * 1024,
  /**
   * Interval of the spaces that a running server sends while a scrub has no result, because clients time out on
   * silence.
   */
  scrubProgressMs: 10_000,
  /** With less free disk space, `/health` reports a full disk. */
  healthyFreeBytesMin: 1024 * 1024,
  /** Open client connections. Lower if the system grants the process fewer file descriptors. */
  connectionsMax: 20_000,
  /** With less free disk space, `nagare doctor` reports a problem. */
  doctorFreeBytesMin: 512 * 1024 * 1024,
  /** With fewer file descriptors, `nagare doctor` reports a problem. */
  doctorFileHandlesMin: 4_096,
  /**
   * If the data folder was written to later than the clock says by more than this, `nagare doctor` reports a problem.
   */
  doctorClockAheadMsMax: 60_000,
} as const;
