import type { DiskTable } from './tables.ts';

/**
 * Durable tables with atomic commits: streams, shards, mappings, checkpoints, functions, alarms, topics. They are
 * small enough to be held in memory; reads are synchronous and see only what is durable.
 */
export interface Catalog {
  /** The table of that name; made by its first row. */
  table<Row extends object>(name: string): Table<Row>;

  /**
   * Runs `change` at once, with no other change between its reads and its writes, and resolves with what it
   * returned when all its writes are durable; they become visible together, then. When `change` throws, nothing
   * is written. It is called again when its writes have to go into a later frame. Throws EngineFullError when there
   * is no room. The same as Engine.commit without batches.
   */
  commit<Result>(change: (transaction: Transaction) => Result): Promise<Result>;
}

export interface Table<Row extends object> {
  readonly name: string;
  readonly storage: 'memory';
  get(key: string): Readonly<Row> | undefined;
  /** Rows whose key begins with `prefix` (all, without one), in the order of their keys' UTF-16 code units. */
  entries(prefix?: string): IterableIterator<readonly [key: string, row: Readonly<Row>]>;
  readonly size: number;
}

/**
 * Reads see the transaction's own writes and those of commits still under way; there are none of tables on disk. Rows
 * are JSON values.
 */
export interface Transaction {
  get<Row extends object>(table: Table<Row>, key: string): Readonly<Row> | undefined;
  entries<Row extends object>(
    table: Table<Row>,
    prefix?: string,
  ): IterableIterator<readonly [string, Readonly<Row>]>;
  put<Row extends object>(table: Table<Row> | DiskTable<Row>, key: string, row: Row): void;
  delete<Row extends object>(table: Table<Row> | DiskTable<Row>, key: string): void;
}
