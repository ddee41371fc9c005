/** Bounds of list logs. */
export const listLogLimits = {
  listLogsMax: 1_000,
  requestBytesMax: 64 * 1024,
  batchRecordsMax: 10_000,
  batchBytesMax: 1024 * 1024,
  /** Lines of several shards that are written together. */
  writeBytesMax: 2 * 1024 * 1024,
  /** Consecutive conflicts with another writer after which this writer pauses. */
  conflictsMax: 20,
} as const;
