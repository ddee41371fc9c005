import { firstAtOrAfter } from './format/sorted-keys.ts';
import type { Catalog, Table, Transaction } from '../catalog.ts';
import type { DiskTable } from '../tables.ts';
import { engineLimits } from '../limits.ts';
import type { RowChange } from './format/entries.ts';
import { diskTablePrefix, utf8, type RowKey } from './format/row-key.ts';

/** A durable table: rows in a map, and the sorted keys beside it. */
export class MemoryTable<Row extends object> implements Table<Row> {
  readonly name: string;
  readonly storage = 'memory';
  readonly #rows = new Map<string, Row>();
  readonly #keys: string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Readonly<Row> | undefined {
    return this.#rows.get(key);
  }

  *entries(prefix = ''): IterableIterator<readonly [string, Readonly<Row>]> {
    let at = firstAtOrAfter(this.#keys, prefix);
    for (;;) {
      const key = this.#keys[at];
      if (key === undefined || !key.startsWith(prefix)) return;
      const row = this.#rows.get(key);
      if (row !== undefined) yield [key, row];
      // A commit may have changed the keys while the iterator was paused.
      at = this.#keys[at] === key ? at + 1 : firstAfter(this.#keys, key);
    }
  }

  set(key: string, row: Row): void {
    if (!this.#rows.has(key)) {
      const last = this.#keys.at(-1);
      if (last === undefined || last < key) this.#keys.push(key);
      else this.#keys.splice(firstAtOrAfter(this.#keys, key), 0, key);
    }
    this.#rows.set(key, row);
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#keys.splice(firstAtOrAfter(this.#keys, key), 1);
  }
}

export class MemoryTables {
  readonly #tables = new Map<string, MemoryTable<object>>();

  table<Row extends object>(name: string): MemoryTable<Row> {
    let table = this.#tables.get(name);
    if (table === undefined) this.#tables.set(name, (table = new MemoryTable(name)));
    // One service owns a table and always uses the same Row type for it.
    return table as unknown as MemoryTable<Row>;
  }

  apply(changes: readonly RowChange[]): void {
    for (const [name, key, row] of changes) {
      if (row === null) this.table(name).delete(key);
      else this.table(name).set(key, deepFreeze(row));
    }
  }
}

/**
 * Row changes that are not durable yet, layered over the durable ones: a transaction over its frame over the tables.
 */
export class Overlay {
  readonly #below: Overlay | MemoryTables;
  readonly #changes = new Map<string, Map<string, object | null>>();
  /** Rows of disk tables, as JSON; null for a deletion. */
  readonly diskRows = new Map<RowKey, string | null>();
  /** Size of the rows as JSON, including rows that were overwritten. */
  bytes = 0;

  constructor(below: Overlay | MemoryTables) {
    this.#below = below;
  }

  get(table: string, key: string): object | undefined {
    const row = this.#changes.get(table)?.get(key);
    if (row !== undefined) return row ?? undefined;
    return this.#below instanceof Overlay ? this.#below.get(table, key) : this.#below.table(table).get(key);
  }

  set(table: string, key: string, row: object | null): void {
    let changes = this.#changes.get(table);
    if (changes === undefined) this.#changes.set(table, (changes = new Map()));
    changes.set(key, row);
  }

  *entries(table: string, prefix = ''): IterableIterator<readonly [string, object]> {
    const own = this.#changes.get(table);
    const below =
      this.#below instanceof Overlay
        ? this.#below.entries(table, prefix)
        : this.#below.table<object>(table).entries(prefix);
    if (own === undefined) return yield* below;
    const keys = new Set([...own.keys()].filter((key) => key.startsWith(prefix)));
    const rows = new Map<string, object>();
    for (const [key, row] of below) rows.set(key, row);
    for (const key of keys) {
      const row = own.get(key);
      if (row === undefined || row === null) rows.delete(key);
      else rows.set(key, row);
    }
    for (const key of [...rows.keys()].sort(byCodeUnit)) {
      const row = rows.get(key);
      if (row !== undefined) yield [key, row];
    }
  }

  *changes(): IterableIterator<RowChange> {
    for (const [table, changes] of this.#changes) for (const [key, row] of changes) yield [table, key, row];
  }
}

/** The transaction passed to the function of `commit`. It cannot be used after that function has returned. */
export function transactionOver(overlay: Overlay): Transaction & { end(): void } {
  let ended = false;
  const check = (): void => {
    if (ended) throw new Error('the transaction has ended: the function of a commit must be synchronous');
  };
  return {
    get<Row extends object>(table: Table<Row>, key: string) {
      check();
      // The rows of a table are those that `put` of the same table accepted.
      return overlay.get(table.name, key) as Readonly<Row> | undefined;
    },
    entries<Row extends object>(table: Table<Row>, prefix?: string) {
      check();
      return overlay.entries(table.name, prefix) as IterableIterator<readonly [string, Readonly<Row>]>;
    },
    put(table, key, row) {
      check();
      // Serialize immediately: readers then see what a restart would see, and the caller cannot change it afterwards.
      const text = JSON.stringify(row);
      overlay.bytes += text.length;
      if (table.storage === 'disk') overlay.diskRows.set(diskRowKey(table, key), checkedRow(table, text));
      else overlay.set(table.name, key, deepFreeze(JSON.parse(text) as object));
    },
    delete(table, key) {
      check();
      if (table.storage === 'disk') {
        overlay.diskRows.set(diskRowKey(table, key), null);
        overlay.bytes += key.length;
      } else overlay.set(table.name, key, null);
    },
    end: () => void (ended = true),
  };
}

/** Throws RangeError when the key is too long. */
export function diskRowKey(table: Pick<DiskTable<object>, 'name'>, key: string): RowKey {
  const bytes = utf8(key);
  if (bytes.length > engineLimits.tableKeyBytesMax)
    throw new RangeError(`a key of ${bytes.length} bytes in table ${table.name} is too long`);
  return diskTablePrefix(table.name) + bytes;
}

function checkedRow(table: Pick<DiskTable<object>, 'name'>, text: string): string {
  if (text.length > engineLimits.tableRowBytesMax)
    throw new RangeError(`a row of ${text.length} characters in table ${table.name} is too long`);
  return text;
}

export function catalogOf(tables: MemoryTables, commit: Catalog['commit']): Catalog {
  return { table: (name) => tables.table(name), commit };
}

function deepFreeze<Value extends object>(value: Value): Value {
  if (Object.isFrozen(value)) return value;
  // Rows come from JSON: all that they have is their own.
  for (const name in value) {
    const inner: unknown = value[name];
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function firstAfter(keys: readonly string[], key: string): number {
  const at = firstAtOrAfter(keys, key);
  return keys[at] === key ? at + 1 : at;
}
