/** Bounds of format conversion. */
export const formatLimits = {
  /** Levels of nesting in a column's type. */
  typeDepthMax: 32,
  /** Levels of nesting in a record. */
  jsonDepthMax: 128,
  /** What is remembered of how keys of records map to columns, per struct. */
  keysRememberedMax: 4096,
  timestampFormatsMax: 100,
  /** A row group holds the rows of at most so many bytes of JSON, so that a conversion's memory stays bounded. */
  rowGroupJsonBytesMax: 16 * 1024 * 1024,
  /** Values and nulls of a row group, in all its columns: small records of a wide table take more memory than bytes. */
  rowGroupCellsMax: 8 * 1024 * 1024,
  dictionaryBytesMax: 1024 * 1024,
  /** Smaller batches are converted at once, larger ones in a thread. */
  threadBytesMin: 256 * 1024,
  /** Batches that are with the thread; further ones wait. */
  threadJobsMax: 2,
  threadRestartMs: 1000,
  /** Of records that are copied for the thread in one turn of the event loop. */
  copiedBytesMax: 4 * 1024 * 1024,
} as const;
