/** Bounds of what functions print. */
export const logsLimits = {
  segmentBytesMax: 4 * 1024 * 1024,
  segmentsPerGroupMax: 8,
  waitingBytesMax: 1024 * 1024,
  eventsPerPageMax: 10_000,
  answerBytesMax: 1024 * 1024,
  requestBytesMax: 1024 * 1024,
} as const;
