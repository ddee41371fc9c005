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
  /** Requests that wait at a standby while no machine owns the shared log. */
  heldRequestsMax: 10_000,
  /** Bytes of the bodies that may have arrived with them. */
  heldBytesMax: 256 * 1024 * 1024,
  /** How long one of them waits. */
  holdRequestMs: 30_000,
  /** Delay before a request that did not reach the owner is forwarded again. */
  forwardRetryMs: 100,
  /** How long an owner that leaves the ownership waits for requests that are slow; new ones are answered meanwhile. */
  drainMs: 1000,
  /** How long it then waits for those that came meanwhile: new ones wait for the next owner. */
  lastDrainMs: 200,
  /** How long requests at a machine that stops wait for the next owner. */
  retiredHoldMs: 3000,
  /** For so long an owner may not be reached before a standby's log says so. */
  forwardTroubleMs: 3000,
  /** The largest body of a read that a standby answers itself. */
  standbyReadBodyBytesMax: 64 * 1024,
  /** Delay before a standby that could not open what reads need tries again. */
  standbyReadsRetryMs: 1000,
  /**
   * How often a standby looks whether the subscriptions that it answers may go on; four times in the age that they may
   * have, if that is more often.
   */
  standbyStreamsLookMs: 1000,
  /** How often a command that needs the ownership of the shared log looks whether it has it. */
  ownLogPollMs: 250,
  /** With less free disk space, `/health` reports a full disk. */
  healthyFreeBytesMin: 1024 * 1024,
  /** Requests per second of one caller, and of one address, unless set otherwise, if signatures are required. */
  requestsPerSecondDefault: 20_000,
  /** Bytes per second that one caller, or one address, sends and receives, in the same way. */
  bytesPerSecondDefault: 1024 * 1024 * 1024,
  /** Open connections of one address, in the same way. */
  addressConnectionsDefault: 1_000,
  /** Streams of events to one caller, and to one address, in the same way. */
  streamsDefault: 1_000,
  /** Refused actions of services that the log has reported and that it does not report again. */
  refusedActionsKeptMax: 10_000,
  /** Open client connections. Lower if the system grants the process fewer file descriptors. */
  connectionsMax: 20_000,
  /** Streams, and mappings, that a support archive describes. */
  supportRowsMax: 1000,
  /** Characters of a file in a support archive; the rest is left out. */
  supportPartCharactersMax: 16 * 1024 * 1024,
  /** How long a file of a support archive may take to make; then the archive says that it could not be had. */
  supportPartMs: 10_000,
  /** How long a support archive may take with sending it. One is made at a time. */
  supportMsMax: 60_000,
  /** With less free disk space, `nagare doctor` reports a problem. */
  doctorFreeBytesMin: 512 * 1024 * 1024,
  /** With fewer file descriptors, `nagare doctor` reports a problem. */
  doctorFileHandlesMin: 4_096,
  /**
   * If the data folder was written to later than the clock says by more than this, `nagare doctor` reports a problem.
   */
  doctorClockAheadMsMax: 60_000,
} as const;
