/** Bounds of the shared log on S3. */
export const s3LogLimits = {
  /** Size of an object: a frame with its largest request. */
  objectBytesMax: 64 * 1024 * 1024,
  /** Appends that wait for the one that is under way. */
  appendsWaitingMax: 1000,
  /** Objects that a reader requests ahead of the one that it needs. */
  readAheadObjects: 32,
  /** Bytes that these have together, if they are as large as those before. */
  readAheadBytes: 64 * 1024 * 1024,
  /** Bytes of objects that have arrived and are given out together. */
  readTogetherBytes: 1024 * 1024,
  /** How long a reader waits before it asks again for an object that does not exist yet. */
  pollMs: 200,
  /** How often a reader asks for the next object before it checks whether that was trimmed. */
  pollsBeforeCheck: 25,
  /** Objects that are removed at the same time. */
  deletesAtOnce: 8,
  /** How long a connection may take to open. */
  connectMs: 5000,
  /** How long the store has for an answer. */
  answerMs: 20_000,
  /** Pause after the first failure; it doubles with each further one. */
  retryMsMin: 50,
  /** Longest pause between two attempts. */
  retryMsMax: 2000,
  /** How long opening the log tries to reach the store before it reports that it cannot. */
  openMs: 30_000,
  /** Writers that race for one object when the store is checked. */
  raceWriters: 8,
  /** Markers of the trimmed position that are read; older ones are removed with each new one. */
  markersMax: 1000,
} as const;
