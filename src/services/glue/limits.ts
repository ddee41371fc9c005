/** Limits of the table catalog, besides those of single values in api.json. */
export const glueLimits = {
  /** Maximum size of a request, which also limits the size of a table with its columns. */
  bodyBytesMax: 1024 * 1024,
  /** Databases of the catalog; they are held in memory. */
  databasesMax: 10_000,
  /** Tables of the catalog; their current versions are held in memory. */
  tablesMax: 10_000,
  /** Earlier versions of a table; they are on disk. */
  versionsPerTableMax: 10_000,
  /** Tags of a resource, as on AWS. */
  tagsMax: 50,
  /** Databases, tables or versions of one page of a response. */
  pageItemsMax: 100,
  /** Characters of their inputs; a page has one item at least. */
  pageCharactersMax: 2 * 1024 * 1024,
  /** Characters of the input of a database or table that does not count towards the size of all. */
  smallInputCharactersMax: 4 * 1024,
  /** Larger inputs of all databases and tables together: they are held in memory. */
  inputCharactersMax: 256 * 1024 * 1024,
} as const;
