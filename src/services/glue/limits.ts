/** Bounds of the table catalog, beside those of single values in api.json. */
export const glueLimits = {
  /** A request, so that a table with its columns is no larger either. */
  bodyBytesMax: 1024 * 1024,
  /** Databases and current tables are in memory. */
  databasesMax: 10_000,
  tablesMax: 10_000,
  /** Earlier versions of a table; they are on disk. */
  versionsPerTableMax: 10_000,
  tagsMax: 50,
  pageItemsMax: 100,
} as const;
