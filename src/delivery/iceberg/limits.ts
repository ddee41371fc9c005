/** Bounds of deliveries to Iceberg tables. */
export const icebergLimits = {
  /** How long a catalog may take for one answer. */
  catalogTimeoutMs: 30_000,
  catalogSocketsMax: 16,
  /** Of an answer of a catalog: the metadata of a table with all its snapshots. */
  catalogResponseBytesMax: 64 * 1024 * 1024,
  /** How long the configuration that a catalog gives its clients is used before it is asked for again. */
  catalogConfigLifeMs: 10 * 60_000,
  /** Commits that other writers may win in a row before the delivery pauses and tries again. */
  commitConflictsMax: 20,
  commitRetryInitialMs: 100,
  commitRetryMaxMs: 5_000,
  /** About 100,000 manifests. A table with more needs its own maintenance (rewrite_manifests). */
  manifestListBytesMax: 64 * 1024 * 1024,
  /** Shards of a delivery whose positions a table keeps. */
  positionsMax: 1_000,
  /** Levels of nesting in a record from which new columns are inferred; AWS's limit as well. */
  nestingMax: 16,
  /** Columns of a table, nested fields included. */
  fieldsMax: 10_000,
  rowGroupRowsMax: 50_000,
  /** Of the records of a row group, which is encoded in one turn of the event loop: about 50 ms. */
  rowGroupBytes: 2 * 1024 * 1024,
  /** Data files of a batch that are written at the same time. */
  filesAtOnceMax: 8,
  /** Of values in the path of a data file. */
  pathValueCharactersMax: 64,
  /** Of texts in the bounds of a column. */
  boundCharactersMax: 16,
} as const;
