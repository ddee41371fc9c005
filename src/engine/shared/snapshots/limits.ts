/** Bounds of the snapshots of a shared log. */
export const snapshotLimits = {
  /** Size of a part: an object of a snapshot, and what is in memory of it at a time. */
  partBytes: 8 * 1024 * 1024,
  /** Parts that are read at the same time to fill a data folder. */
  partsAtOnce: 4,
  /** Size of the list of a snapshot's files. */
  manifestBytesMax: 256 * 1024 * 1024,
  /** How often a machine looks for the newest snapshot. */
  lookEveryMs: 60_000,
  /** How often the owner removes what is no longer kept. */
  collectEveryMs: 600_000,
  /** How often a snapshot that is written is marked as alive, with what it has so far. */
  refreshMs: 60_000,
  /** A snapshot that was not marked for this long was cut off: another machine continues it. */
  abandonedAfterMs: 900_000,
  /** By how much a machine waits longer for its snapshot than the interval, at random: two would begin at once. */
  spread: 0.1,
  /** The owner waits so many intervals: a standby goes first. */
  ownerPatience: 1.5,
  /** Within the retention of the log, so many snapshots are kept, evenly. */
  keptInRetention: 24,
  /** Attempts of a request to the store; then the snapshot, or the start of a new machine, fails. */
  attemptsMax: 8,
  /** Pause after the first failed attempt; it doubles with each further one. */
  retryMsMin: 100,
  /** Longest pause between two attempts. */
  retryMsMax: 5000,
  /** How long a connection to the store may take to open. */
  connectMs: 5000,
  /** How long the store has for an answer. */
  answerMs: 60_000,
  /** How long a frame of the shared log may take to be read, to see that a snapshot is of this log. */
  frameWaitMs: 10_000,
} as const;
