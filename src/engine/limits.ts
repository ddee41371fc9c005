/** Bounds of the storage: memory, files and what waits for the disk. */
export const engineLimits = {
  /** Size of a segment; then it is sealed and the next one begins. */
  segmentBytes: 128 * 1024 * 1024,
  /** Size of the newest segment of a closed store: the next start reads it completely. */
  closedSegmentBytesMax: 8 * 1024 * 1024,
  /** Size of a frame: the records and rows of one group commit. */
  frameBytesMax: 32 * 1024 * 1024,
  /** Records with a common checksum: a damaged byte on disk loses at most this much, or one record. */
  chunkBytesMax: 32 * 1024,
  /** Bytes of commits that wait for the disk; further appends are refused until there is room. */
  bytesInFlightMax: 64 * 1024 * 1024,
  /** Commits that may wait for the disk. */
  commitsWaitingMax: 100_000,
  /** Memory of the newest records of all shards, from which consumers at the tail read. */
  tailCacheBytes: 48 * 1024 * 1024,
  /** Memory of the record indexes of sealed segments. */
  indexCacheBytes: 16 * 1024 * 1024,
  /** Sealed segments that are open for reading. */
  openSegmentsMax: 128,
  /**
   * Reads of the disk in progress: each allocates memory, and more of them than file system threads would not be
   * faster.
   */
  diskReadsAtOnceMax: 16,
  /** Memory of row changes at which they are flushed to a table file. */
  memtableBytes: 8 * 1024 * 1024,
  /** Row changes that are not flushed yet; with more, commits of rows wait. */
  unflushedRowsBytesMax: 32 * 1024 * 1024,
  /** Row changes that a new segment begins with; with more, they are flushed to a table file first. */
  checkpointRowsBytesMax: 256 * 1024,
  /** Size of a block: the unit of a point read. */
  tableBlockBytes: 4096,
  /** Size of a section: blocks with a common index, written and merged in one step. */
  tableSectionBytes: 128 * 1024,
  /** Bytes of a table file that are written between syncs: the sync of a commit may wait for as many. */
  tableSyncBytes: 1024 * 1024,
  /** Size of a table file. */
  tableFileBytes: 32 * 1024 * 1024,
  /** Files of level 0 at which they are merged: every read consults each of them. */
  tableLevelZeroFiles: 8,
  /** Files of level 0 at which commits of rows wait for the merge. */
  tableLevelZeroFilesMax: 32,
  /** Size of level 1; each further level is ten times as large. */
  tableLevelBytes: 128 * 1024 * 1024,
  /** Memory of cached blocks of table files. */
  tableCacheBytes: 32 * 1024 * 1024,
  /** Size of a row's key. */
  tableKeyBytesMax: 2048,
  /** Size of a row's value. */
  tableRowBytesMax: 4 * 1024 * 1024,
  /** Rows that a scan reads ahead. */
  tableScanRowsMax: 256,
  /** Bytes of rows that a scan reads ahead. */
  tableScanBytesMax: 1024 * 1024,
  /** Emergency space for work that frees room on a full disk. */
  reserveBytes: 4 * 1024 * 1024,
  /** How long the idempotency key of a put is remembered. */
  idempotencyKeyLifetimeMs: 10 * 60_000,
  /** Idempotency keys that are remembered. */
  idempotencyKeysMax: 4_000_000,
  /** Rows of a table that one commit changes when all of them are changed. */
  rewrittenRowsMax: 500,
  /** Earlier master keys that stay readable: a further rotation is refused. */
  retiredMasterKeysMax: 100,
} as const;
