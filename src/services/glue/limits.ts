/** Limits of the table catalog, besides those of single values in api.json. */
export const glueLimits = {
  /** Size of a request, which also limits the size of a table with its columns. */
  bodyBytesMax: 1024 * 1024,
  /** Databases and current tables are in memory. */
  databasesMax: 10_000,
  tablesMax: 10_000,
  /** Earlier versions of a table; they are on disk. */
  versionsPerTableMax: 10_000,
  tagsMax: 50,
  pageItemsMax: 100,
} as const;
