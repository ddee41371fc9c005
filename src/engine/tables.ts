/**
 * Durable tables on disk for data that may exceed memory: queues, lease items, deliveries. Tens of millions of rows
 * cost a bounded cache and an index of a few bytes per 128 KiB. Rows are JSON values; they are changed in a transaction
 * (Engine.commit, Catalog.commit), together with records and rows of the catalog.
 */
export interface Tables {
  /**
   * Returns the table of that name; its first row creates it. Names of disk tables and catalog tables do not collide.
   */
  open<Row extends object>(name: string): DiskTable<Row>;
}

/**
 * Reads see only durable rows. They are asynchronous, so a transaction cannot make them: an owner whose change depends
 * on a row reads it first, and holds back other changes of that row until its commit resolves (KeyedLock).
 */
export interface DiskTable<Row extends object> {
  readonly name: string;
  readonly storage: 'disk';
  get(key: string): Promise<Readonly<Row> | undefined>;
  /**
   * Yields rows in the order of their keys' UTF-8 bytes. Not a snapshot: each row has the value it has when the
   * iterator approaches it (up to `limits.tableScanRowsMax` ahead of the caller), so that a long scan holds nothing
   * back. A row that exists the whole time is yielded exactly once. Deleted rows slow a scan until they are merged
   * away: a caller that removes rows from the front of a table starts the next scan where the last one ended.
   */
  entries(range?: RowRange): AsyncIterableIterator<readonly [key: string, row: Readonly<Row>]>;
}

export interface RowRange {
  /** First key, inclusive. */
  readonly from?: string;
  /** First key, exclusive. */
  readonly after?: string;
  /** Last key, exclusive. */
  readonly before?: string;
  /** Only keys with this prefix. */
  readonly prefix?: string;
  /** Maximum number of rows. */
  readonly limit?: number;
}
