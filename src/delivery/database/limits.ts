/** Bounds of deliveries to databases. */
export const databaseLimits = {
  /** Of names of tables and columns, in UTF-8: PostgreSQL's own. The error table's name is longer by `_errors`. */
  nameBytesMax: 63,
  columnsMax: 200,
  pathStepsMax: 32,
  /** Of the file with a URL or a password. */
  secretBytesMax: 16 * 1024,
  /** A batch is one transaction, and its JSON is held in memory. */
  bufferMiBMax: 64,
  /** Connections of one delivery; batches of further shards wait. */
  connectionsMax: 4,
  connectTimeoutMs: 10_000,
  /** An idle connection is closed after this time. */
  connectionIdleMs: 10_000,
  /** For a whole transaction. */
  transactionTimeoutMs: 120_000,
  statementTimeoutMs: 60_000,
  lockTimeoutMs: 30_000,
  /** Of one INSERT statement: whichever comes first. */
  insertBytesMax: 1024 * 1024,
  insertRowsMax: 5_000,
  /** Of JSON that is read in one turn of the event loop. */
  readBytesAtOnceMax: 256 * 1024,
  /** Of records that are copied for a thread in one turn of the event loop. */
  copiedBytesAtOnceMax: 4 * 1024 * 1024,
  errorMessageCharactersMax: 1_000,
  /** SQLite databases are written by one thread. */
  sqliteJobsMax: 1,
  sqliteRestartMs: 1_000,
  /** Files of SQLite that stay open. */
  sqliteFilesMax: 16,
  /** How long another process may hold the lock of a SQLite file. */
  sqliteBusyMs: 5_000,
} as const;
