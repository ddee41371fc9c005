/** Bounds of list logs. */
export const listLogLimits = {
  listLogsMax: 1_000,
  requestBytesMax: 64 * 1024,
  batchRecordsMax: 10_000,
  batchBytesMax: 1024 * 1024,
  /** Lines of several shards that are written at once. */
  writeBytesMax: 2 * 1024 * 1024,
  /** Writes that another writer may win in a row before this one takes a rest. */
  conflictsMax: 20,
} as const;
