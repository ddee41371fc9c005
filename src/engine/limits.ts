/** Bounds of the storage: memory, files and what waits for the disk. */
export const engineLimits = {
  segmentBytes: 128 * 1024 * 1024,
  /** The newest segment of a store that was closed: the next start reads it from front to end. */
  closedSegmentBytesMax: 8 * 1024 * 1024,
  frameBytesMax: 32 * 1024 * 1024,
  /** Of records with a checksum of their own: a damaged byte on disk costs so many at most, or one record. */
  chunkBytesMax: 32 * 1024,
  bytesInFlightMax: 64 * 1024 * 1024,
  /** How many commits may wait for the disk. */
  commitsWaitingMax: 100_000,
  tailCacheBytes: 48 * 1024 * 1024,
  indexCacheBytes: 16 * 1024 * 1024,
  openSegmentsMax: 128,
  /** Each has memory for what it reads; more at once than there are threads for files are of no use. */
  diskReadsAtOnceMax: 16,
  /** Row changes in memory, with what they cost there; then they are written to a table file. */
  memtableBytes: 8 * 1024 * 1024,
  /** Row changes that wait for the disk to take their table files. */
  unflushedRowsBytesMax: 32 * 1024 * 1024,
  /** Row changes that a new segment begins with; more are written to a table file. */
  checkpointRowsBytesMax: 256 * 1024,
  /** Of rows: what a point read reads. */
  tableBlockBytes: 4096,
  /** Blocks that share an index; written and merged in one step. */
  tableSectionBytes: 128 * 1024,
  tableFileBytes: 32 * 1024 * 1024,
  /** Table files as they were first written, before they are merged: each one is asked by every read. */
  tableLevelZeroFiles: 8,
  /** With so many, changes of rows wait for the merging. */
  tableLevelZeroFilesMax: 32,
  /** Of level 1; each level holds ten times the one before. */
  tableLevelBytes: 128 * 1024 * 1024,
  tableCacheBytes: 32 * 1024 * 1024,
  tableKeyBytesMax: 2048,
  tableRowBytesMax: 4 * 1024 * 1024,
  /** A scan reads so many rows, or bytes, ahead of its caller. */
  tableScanRowsMax: 256,
  tableScanBytesMax: 1024 * 1024,
  /** Emergency space for work that frees room on a full disk. */
  reserveBytes: 4 * 1024 * 1024,
  idempotencyKeyLifetimeMs: 10 * 60_000,
  idempotencyKeysMax: 4_000_000,
} as const;
