/** Bounds of log groups. */
export const logsLimits = {
  /** Size of a file of log events; then the next file begins. */
  segmentBytesMax: 4 * 1024 * 1024,
  /** What is appended at once to a segment, unless one request has more: other commits get their turn after it. */
  segmentPieceBytes: 1024 * 1024,
  /** Files of a log group; beyond this, the oldest is deleted. */
  segmentsPerGroupMax: 8,
  /** Log events of a group that wait for the disk; then its writers wait. */
  waitingBytesMax: 1024 * 1024,
  /** How long what functions print waits for more, so that it is written together. */
  gatherMs: 25,
  /** Log events of one page of a response, as on AWS. */
  eventsPerPageMax: 10_000,
  /** Size of the log events of one page of a response, as on AWS. */
  answerBytesMax: 1024 * 1024,
  /** Maximum size of a request: events of 1 MiB, and what JSON adds to them. */
  requestBytesMax: 4 * 1024 * 1024,
  /** Log groups of a server. */
  groupsMax: 10_000,
  /** Log streams that clients can create in a log group. */
  streamsPerGroupMax: 10_000,
  /** Log groups whose file is open for appending; with more, the one that was opened first is closed. */
  openGroupsMax: 64,
  /** Log groups that read all their files at once, to find their streams. */
  recoveriesAtOnceMax: 2,
  /** Requests that search events at the same time; further ones wait. */
  readsAtOnceMax: 4,
  /** Events and overhead of one PutLogEvents, as on AWS. */
  putBytesMax: 1_048_576,
  /** What each event counts in PutLogEvents besides its message, as on AWS. */
  putEventOverheadBytes: 26,
  /** Time between the first and the last event of one PutLogEvents, as on AWS. */
  putSpanMs: 24 * 3_600_000,
  /** How far ahead of the clock an event of PutLogEvents can be, as on AWS. */
  putFutureMs: 2 * 3_600_000,
  /** How old an event of PutLogEvents can be, as on AWS. */
  putPastMs: 14 * 86_400_000,
  /** How long the repeat of a PutLogEvents is recognized. */
  putRepeatMs: 10 * 60_000,
  /** Calls of PutLogEvents that a log group remembers to recognize repeats. */
  putsRememberedMax: 50_000,
  /** How often the files of expired events are removed. */
  retentionSweepMs: 3_600_000,
  /** Live Tail sessions at the same time, as on AWS. */
  tailSessionsMax: 15,
  /** How long a Live Tail session lasts, as on AWS. */
  tailSessionMs: 3 * 3_600_000,
  /** How often a Live Tail session sends its events, as on AWS. */
  tailUpdateMs: 1_000,
  /** Events of one update of a Live Tail session; of further ones, none are sent, as on AWS. */
  tailEventsPerUpdateMax: 500,
  /** Size of the events of one update of a Live Tail session. */
  tailUpdateBytesMax: 1024 * 1024,
} as const;
