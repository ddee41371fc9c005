import type { DiskTable } from '../../engine/tables.ts';
import { noSuchEntity } from './errors.ts';
import { type EntityRow, keyOf } from './rows.ts';
import type { EntityKind, Writes } from './writes.ts';

/** Entities of one kind, by name without regard to case. */
export class EntityTable<Row extends EntityRow> {
  readonly kind: EntityKind;
  readonly #table: DiskTable<Row>;

  constructor(table: DiskTable<Row>, kind: EntityKind) {
    this.kind = kind;
    this.#table = table;
  }

  find(name: string): Promise<Row | undefined> {
    return this.#table.get(keyOf(name));
  }

  /** Throws NoSuchEntity. */
  async get(name: string): Promise<Row> {
    const row = await this.find(name);
    if (row !== undefined) return row;
    if (this.kind === 'instance-profile') throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
    throw noSuchEntity(`The ${this.kind} with name ${name} cannot be found.`);
  }

  /** In the order of the names, from after that key on; only those below a path. */
  async *entries(after: string | undefined, pathPrefix = '/'): AsyncGenerator<Row> {
    for await (const [, row] of this.#table.entries(after === undefined ? {} : { after })) {
      if (row.path.startsWith(pathPrefix)) yield row;
    }
  }

  insert(writes: Writes, row: Row): void {
    this.put(writes, row);
    writes.count(this.kind, 1);
  }

  put(writes: Writes, row: Row): void {
    writes.put(this.#table, keyOf(row.name), row);
  }

  /** Changes members of a row. */
  patch(writes: Writes, row: Row, changes: Partial<Row>): void {
    this.put(writes, { ...row, ...changes });
  }

  /** Stores a row under its new name. */
  rename(writes: Writes, before: Row, row: Row): void {
    if (keyOf(before.name) !== keyOf(row.name)) writes.delete(this.#table, keyOf(before.name));
    this.put(writes, row);
  }

  remove(writes: Writes, row: Row): void {
    writes.delete(this.#table, keyOf(row.name));
    writes.count(this.kind, -1);
  }
}
