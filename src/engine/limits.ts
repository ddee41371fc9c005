/** Bounds of the storage: memory, files and what waits for the disk. */
export const engineLimits = {
  segmentBytes: 128 * 1024 * 1024,
  /** Size of the newest segment of a closed store: the next start reads it completely. */
  closedSegmentBytesMax: 8 * 1024 * 1024,
  frameBytesMax: 32 * 1024 * 1024,
  /** Records with a common checksum: a damaged byte on disk loses at most this much, or one record. */
  chunkBytesMax: 32 * 1024,
  bytesInFlightMax: 64 * 1024 * 1024,
  /** Commits that may wait for the disk. */
  commitsWaitingMax: 100_000,
  tailCacheBytes: 48 * 1024 * 1024,
  indexCacheBytes: 16 * 1024 * 1024,
  openSegmentsMax: 128,
  /** Each read allocates memory; more of them than threads for files would not be faster. */
  diskReadsAtOnceMax: 16,
  /** Memory of row changes, beyond which they are flushed to a table file. */
  memtableBytes: 8 * 1024 * 1024,
  /** Row changes that wait for the disk to accept their table files. */
  unflushedRowsBytesMax: 32 * 1024 * 1024,
  /** Row changes that a new segment includes; more are flushed to a table file. */
  checkpointRowsBytesMax: 256 * 1024,
  /** Block of rows: the unit of a point read. */
  tableBlockBytes: 4096,
  /** Blocks with a common index; written and merged in one step. */
  tableSectionBytes: 128 * 1024,
  tableFileBytes: 32 * 1024 * 1024,
  /** Files of level 0 before they are merged: every read consults each of them. */
  tableLevelZeroFiles: 8,
  /** With this many, row changes wait for the merge. */
  tableLevelZeroFilesMax: 32,
  /** Size of level 1; each level holds ten times the one before. */
  tableLevelBytes: 128 * 1024 * 1024,
  tableCacheBytes: 32 * 1024 * 1024,
  tableKeyBytesMax: 2048,
  tableRowBytesMax: 4 * 1024 * 1024,
  /** How many rows, or bytes, a scan reads ahead of its caller. */
  tableScanRowsMax: 256,
  tableScanBytesMax: 1024 * 1024,
  /** Emergency space for work that frees room on a full disk. */
  reserveBytes: 4 * 1024 * 1024,
  idempotencyKeyLifetimeMs: 10 * 60_000,
  idempotencyKeysMax: 4_000_000,
} as const;
