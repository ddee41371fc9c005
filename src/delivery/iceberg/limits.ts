/** Bounds of deliveries to Iceberg tables. */
export const icebergLimits = {
  /** How long a catalog may take to respond. */
  catalogTimeoutMs: 30_000,
  /** Connections to a catalog. */
  catalogSocketsMax: 16,
  /** Size of a catalog's response, such as the metadata of a table with all its snapshots. */
  catalogResponseBytesMax: 64 * 1024 * 1024,
  /** How long a catalog's configuration is used before it is requested again. */
  catalogConfigLifeMs: 10 * 60_000,
  /** Consecutive commits that conflict with other writers before the delivery pauses. */
  commitConflictsMax: 20,
  /** Delay before a commit that conflicted is first retried. */
  commitRetryInitialMs: 100,
  /** Maximum delay before a commit that conflicted is retried. */
  commitRetryMaxMs: 5_000,
  /** Size of a manifest list: about 100,000 manifests. A table with more needs maintenance (rewrite_manifests). */
  manifestListBytesMax: 64 * 1024 * 1024,
  /** Shards of a delivery whose positions are stored in a table's properties. */
  positionsMax: 1_000,
  /** Levels of nesting in a record from which new columns are inferred, as on AWS. */
  nestingMax: 16,
  /** Columns of a table, nested fields included. */
  fieldsMax: 10_000,
  /** Rows of a row group. */
  rowGroupRowsMax: 50_000,
  /** Data of the records of a row group, which the writer and readers hold in memory. */
  rowGroupBytes: 16 * 1024 * 1024,
  /** Data files of a batch that are written at the same time. */
  filesAtOnceMax: 8,
  /** Characters of a partition value in the path of a data file. */
  pathValueCharactersMax: 64,
  /** Characters of a string in the lower and upper bound of a column. */
  boundCharactersMax: 16,
} as const;
