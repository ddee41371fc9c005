/** Bounds of deliveries to databases. */
export const databaseLimits = {
  /** Size of a name of a table or column in UTF-8, as in PostgreSQL. The error table's name is longer by `_errors`. */
  nameBytesMax: 63,
  /** Columns of a table, besides those for the position. */
  columnsMax: 200,
  /** Steps of a JSON path. */
  pathStepsMax: 32,
  /** Size of a file with a URL or a password. */
  secretBytesMax: 16 * 1024,
  /** Maximum buffer size in MiB: a batch is one transaction, and its JSON is held in memory. */
  bufferMiBMax: 64,
  /** Connections of a delivery; batches of further shards wait. */
  connectionsMax: 4,
  /** How long a connection may take to open. */
  connectTimeoutMs: 10_000,
  /** How long an idle connection is kept open. */
  connectionIdleMs: 10_000,
  /** How long a transaction may take. */
  transactionTimeoutMs: 120_000,
  /** How long a statement may take. */
  statementTimeoutMs: 60_000,
  /** How long a statement may wait for a lock. */
  lockTimeoutMs: 30_000,
  /** Size of one INSERT statement. */
  insertBytesMax: 1024 * 1024,
  /** Rows of one INSERT statement. */
  insertRowsMax: 5_000,
  /** JSON that is parsed in one turn of the event loop. */
  readBytesAtOnceMax: 256 * 1024,
  /** Records that are copied for a thread in one turn of the event loop. */
  copiedBytesAtOnceMax: 4 * 1024 * 1024,
  /** Characters of an error message of the database that are kept. */
  errorMessageCharactersMax: 1_000,
  /** Batches that the SQLite thread writes at the same time. */
  sqliteJobsMax: 1,
  /** Delay before a SQLite thread that has failed is started again. */
  sqliteRestartMs: 1_000,
  /** SQLite files that stay open. */
  sqliteFilesMax: 16,
  /** How long another process may hold the lock of a SQLite file. */
  sqliteBusyMs: 5_000,
} as const;
