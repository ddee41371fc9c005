/** Bounds of deliveries to databases. */
export const databaseLimits = {
  /** Of names of tables and columns, in UTF-8: PostgreSQL's own. The error table's name is longer by `_errors`. */
  nameBytesMax: 63,
  /** Columns of a table that are declared. */
  columnsMax: 200,
  /** Steps of a JSON path. */
  pathStepsMax: 32,
  /** Size of a file with a URL, a password or certificates. */
  settingsFileBytesMax: 1024 * 1024,
  /** Maximum buffer size in MiB: a batch is one transaction. */
  bufferMiBMax: 64,
  /** Connections of a delivery stream to PostgreSQL; batches of further shards wait. */
  connectionsMax: 4,
  /** For a connection to PostgreSQL, from its first packet to the end of the login. */
  connectTimeoutMs: 10_000,
  /** An idle connection is closed after this time. */
  connectionIdleMs: 10_000,
  /** For a whole transaction. */
  transactionTimeoutMs: 120_000,
  /** For each statement, and for pauses in a transaction; PostgreSQL enforces it. */
  statementTimeoutMs: 60_000,
  /** How long PostgreSQL waits for a lock. */
  lockTimeoutMs: 30_000,
  /** Data of the records of one INSERT statement. */
  insertBytesMax: 1024 * 1024,
  /** Rows of one INSERT statement. */
  insertRowsMax: 5_000,
  /** Of JSON that is read in one turn of the event loop. */
  readBytesAtOnceMax: 256 * 1024,
  /** Data of records that are copied for a thread in one turn of the event loop. */
  copiedBytesAtOnceMax: 4 * 1024 * 1024,
  /** Characters of an error message in the error table. */
  errorMessageCharactersMax: 1_000,
  /** Batches that are with the thread of SQLite; further ones wait. */
  sqliteJobsMax: 1,
  /** The delay before a crashed thread of SQLite is restarted. */
  sqliteRestartMs: 1_000,
  /** Files of SQLite that stay open. */
  sqliteFilesMax: 16,
  /** How long another process may hold the lock of a SQLite file. */
  sqliteBusyMs: 5_000,
} as const;
