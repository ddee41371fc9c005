/** Bounds of list logs. */
export const listLogLimits = {
  /** List logs of a server. */
  listLogsMax: 1_000,
  /** Maximum size of a request of the list log API. */
  requestBytesMax: 64 * 1024,
  /** Records that a list log reads from a shard at once. */
  batchRecordsMax: 10_000,
  /** Bytes of records that a list log reads from a shard at once. */
  batchBytesMax: 1024 * 1024,
  /** Bytes of lines, of several shards, that one write appends to the object. */
  writeBytesMax: 2 * 1024 * 1024,
  /** Consecutive conflicts with another writer after which this writer pauses. */
  conflictsMax: 20,
} as const;
