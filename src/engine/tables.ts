/**
 * Durable tables on disk: queues, lease items, deliveries, whatever may grow past memory. Tens of millions of rows
 * cost a bounded cache and an index of a few bytes for each 128 KiB. Rows are JSON values; they are changed in a
 * transaction (Engine.commit, Catalog.commit), together with records and rows of the catalog.
 */
export interface Tables {
  /** The table of that name; made by its first row. Names of these tables and of the catalog's do not collide. */
  open<Row extends object>(name: string): DiskTable<Row>;
}

/**
 * Reads see only what is durable. Reads are asynchronous, so a transaction cannot make them: an owner that has to
 * decide by what a row holds reads it first, and keeps other changes of that row back until its commit resolves
 * (KeyedLock).
 */
export interface DiskTable<Row extends object> {
  readonly name: string;
  readonly storage: 'disk';
  get(key: string): Promise<Readonly<Row> | undefined>;
  /**
   * Rows in the order of their keys' UTF-8 bytes. Not a snapshot: each row is given as it is when the iterator
   * comes near it (up to `limits.tableScanRowsMax` ahead of the caller), so that a long scan holds nothing back. A
   * row that is there the whole time is given exactly once. Deleted rows cost a scan time until they are merged
   * away: a caller that removes rows from the front of a table starts the next scan where the last one ended.
   */
  entries(range?: RowRange): AsyncIterableIterator<readonly [key: string, row: Readonly<Row>]>;
}

export interface RowRange {
  /** The first key wanted, or the first one after it. */
  readonly from?: string;
  /** Only keys after this one. */
  readonly after?: string;
  /** Only keys before this one. */
  readonly before?: string;
  /** Only keys that begin so. */
  readonly prefix?: string;
  /** At most so many rows. */
  readonly limit?: number;
}
