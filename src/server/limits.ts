/** Bounds of the server as a whole. */
export const serverLimits = {
  /** Request size of `nagare apply`. */
  applyRequestBytesMax: 16 * 1024 * 1024,
  commandBytesMax: 64 * 1024,
  /** A scrub of a running server sends a blank as often, until it has its result: clients give up on silence. */
  scrubProgressMs: 10_000,
  /** With less room on the disk, `/health` says that it is full. */
  healthyFreeBytesMin: 1024 * 1024,
  /** Fewer where the system gives the process fewer handles. */
  connectionsMax: 20_000,
  /** Below these, or beyond, `nagare doctor` has something to say. */
  doctorFreeBytesMin: 512 * 1024 * 1024,
  doctorFileHandlesMin: 4_096,
  doctorClockAheadMsMax: 60_000,
} as const;
