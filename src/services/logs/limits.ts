/** Bounds of what functions print. */
export const logsLimits = {
  /** Size of a file of log events; then the next file begins. */
  segmentBytesMax: 4 * 1024 * 1024,
  /** Files of a log group; beyond this, the oldest is deleted. */
  segmentsPerGroupMax: 8,
  /** Log events of a group that wait for the disk; then its writers wait. */
  waitingBytesMax: 1024 * 1024,
  /** Log events of one page of a response, as on AWS. */
  eventsPerPageMax: 10_000,
  /** Size of the log events of one page of a response, as on AWS. */
  answerBytesMax: 1024 * 1024,
  /** Maximum size of a request. */
  requestBytesMax: 1024 * 1024,
} as const;
