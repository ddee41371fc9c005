import type { DiskTable } from './tables.ts';

/**
 * Durable tables with atomic commits: streams, shards, mappings, checkpoints, functions, alarms, topics. They are small
 * enough to fit in memory; reads are synchronous and see only durable rows.
 */
export interface Catalog {
  /** Returns the table of that name; its first row creates it. */
  table<Row extends object>(name: string): Table<Row>;

  /**
   * Runs `change` immediately and in isolation from other changes; resolves with its result when all its writes are
   * durable. The writes become visible together at that moment. When `change` throws, nothing is written. `change` is
   * called again when its writes move to a later frame. Throws EngineFullError when the disk is full. The same as
   * Engine.commit without batches.
   */
  commit<Result>(change: (transaction: Transaction) => Result): Promise<Result>;
}

export interface Table<Row extends object> {
  readonly name: string;
  readonly storage: 'memory';
  get(key: string): Readonly<Row> | undefined;
  /** Rows whose key begins with `prefix` (default: all), ordered by the UTF-16 code units of their keys. */
  entries(prefix?: string): IterableIterator<readonly [key: string, row: Readonly<Row>]>;
  readonly size: number;
}

/**
 * Reads see the transaction's own writes and those of commits in progress; disk tables cannot be read. Rows are JSON
 * values.
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
