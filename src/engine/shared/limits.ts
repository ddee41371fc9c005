/** Bounds of a shared log: how soon another machine takes over, and how much a standby applies at once. */
export const sharedLimits = {
  /** The owner appends a frame at least this often, so that the others know that it lives. */
  heartbeatEveryMs: 1000,
  /** Without a frame for this long, and a random part of it more, a standby takes over. */
  takeOverAfterMs: 5000,
  /** Part of that time in which an owner without an acknowledged frame still answers reads. */
  freshPart: 0.9,
  /** Without a frame for so many heartbeats, a standby does not know how old what it has is. */
  heartbeatsMissedMax: 3,
  /** How long a read at a standby waits for the store to say where the log ends. */
  ageWaitMs: 500,
  /** Random part of the wait before a takeover: two standbys that begin at once would meet. */
  takeOverSpread: 0.3,
  /** A standby that lets others go first takes over after so many times the usual wait. */
  standBackFactor: 3,
  /** ... and so long after the owner has left in order. */
  handOverStandBackMs: 2000,
  /** Standbys take over this soon after the owner has left in order. */
  handOverSpreadMs: 100,
  /** A standby that is asked to take over catches up first; it gives up when no frame comes for this long. */
  promoteIdleMs: 1000,
  /** How long a closing owner waits for the shared log to take its last frame. */
  handOverWaitMs: 3000,
  /** How long the store's answer is used for how far behind a standby is. */
  lagKeptMs: 1000,
  /** How long somebody who asks how far behind a standby is waits for the store. */
  lagWaitMs: 1000,
  /** Delay before the log is followed again after a failure. */
  followRetryMs: 1000,
  /** Frames that a standby writes and applies in one step. */
  runFramesMax: 256,
  /** Bytes of frames that a standby writes and applies in one step; a larger frame is applied alone. */
  runBytesMax: 4 * 1024 * 1024,
} as const;
