import { randomUUID } from 'node:crypto';
import type { TableInput } from '@aws-sdk/client-glue';
import type { Table, Transaction } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import type { DiskTable } from '../../engine/tables.ts';
import type { Checked } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import { KeyedLock } from '../../support/keyed-lock.ts';
import {
  concurrentUpdate,
  databaseExists,
  databaseNotFound,
  invalidInput,
  tableExists,
  tableNotFound,
  tooLarge,
  tooMany,
  versionNotFound,
} from './errors.ts';
import { glueLimits } from './limits.ts';
import { sizeOf } from './sizes.ts';
import { type DatabaseRow, type StoredTableInput, storedName, type TableRow } from './rows.ts';

/** Makes the keys of later versions sort first. */
const VERSION_MAX = 999_999_999;

export interface UpdateOptions {
  /** The version that the caller expects. */
  readonly expectedVersion?: string | undefined;
  /** Do not store the previous version. */
  readonly skipArchive: boolean;
}

/**
 * Databases and tables, durable. Earlier versions of tables are on disk, so changes to a database's tables run one at a
 * time.
 */
export class TableCatalog {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #databases: Table<DatabaseRow>;
  readonly #tables: Table<TableRow>;
  readonly #versions: DiskTable<TableRow>;
  readonly #changes = new KeyedLock();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#databases = engine.catalog.table('glue.databases');
    this.#tables = engine.catalog.table('glue.tables');
    this.#versions = engine.tables.open('glue.versions');
  }

  findDatabase(name: string): DatabaseRow | undefined {
    return this.#databases.get(storedName(name));
  }

  /** Throws EntityNotFoundException. */
  database(name: string): DatabaseRow {
    const row = this.findDatabase(name);
    if (row === undefined) throw databaseNotFound(storedName(name));
    return row;
  }

  /** Ordered by name. */
  *databases(): Generator<DatabaseRow> {
    for (const [, row] of this.#databases.entries()) yield row;
  }

  createDatabase(row: Omit<DatabaseRow, 'createdMs'>): Promise<void> {
    return this.#engine.catalog.commit((transaction) => {
      if (transaction.get(this.#databases, row.name) !== undefined) throw databaseExists();
      if (this.#databases.size >= glueLimits.databasesMax)
        throw tooMany('databases', glueLimits.databasesMax);
      const created = { ...row, createdMs: this.#clock.now() };
      this.#checkSize(transaction, created);
      transaction.put(this.#databases, row.name, created);
    });
  }

  updateDatabase(name: string, change: (row: DatabaseRow) => DatabaseRow): Promise<void> {
    const key = storedName(name);
    return this.#engine.catalog.commit((transaction) => {
      const row = transaction.get(this.#databases, key);
      if (row === undefined) throw databaseNotFound(key);
      const changed = change(row);
      this.#checkSize(transaction, changed, row);
      transaction.put(this.#databases, key, changed);
    });
  }

  /** With all its tables. */
  deleteDatabase(name: string): Promise<void> {
    const key = storedName(name);
    return this.#changes.exclusive(key, async () => {
      this.database(key);
      const versionKeys: string[] = [];
      for (const row of this.tables(key)) versionKeys.push(...(await this.#versionKeys(row)));
      await this.#engine.catalog.commit((transaction) => {
        transaction.delete(this.#databases, key);
        for (const [tableKey] of transaction.entries(this.#tables, `${key}\n`)) {
          transaction.delete(this.#tables, tableKey);
        }
        for (const versionKey of versionKeys) transaction.delete(this.#versions, versionKey);
      });
    });
  }

  findTable(databaseName: string, name: string): TableRow | undefined {
    return this.#tables.get(tableKeyOf(databaseName, name));
  }

  /** Throws EntityNotFoundException for the database or the table. */
  table(databaseName: string, name: string): TableRow {
    this.database(databaseName);
    const row = this.findTable(databaseName, name);
    if (row === undefined) throw tableNotFound(storedName(name));
    return row;
  }

  /** Ordered by name. */
  *tables(databaseName: string): Generator<TableRow> {
    for (const [, row] of this.#tables.entries(`${storedName(databaseName)}\n`)) yield row;
  }

  createTable(databaseName: string, input: Checked<TableInput>): Promise<void> {
    const database = storedName(databaseName);
    return this.#changes.exclusive(database, () =>
      this.#engine.catalog.commit((transaction) => {
        this.#requireDatabase(transaction, database);
        const key = tableKeyOf(database, input.Name);
        if (transaction.get(this.#tables, key) !== undefined) throw tableExists();
        if (this.#tables.size >= glueLimits.tablesMax) throw tooMany('tables', glueLimits.tablesMax);
        const createdMs = this.#clock.now();
        const place = { databaseName: database, name: storedName(input.Name) };
        const first = { id: randomUUID(), version: 0, archived: 0, createdMs, updatedMs: createdMs };
        const created = { ...place, ...first, ...stored(input) };
        this.#checkSize(transaction, created);
        transaction.put(this.#tables, key, created);
      }),
    );
  }

  updateTable(databaseName: string, input: Checked<TableInput>, options: UpdateOptions): Promise<void> {
    const database = storedName(databaseName);
    return this.#changes.exclusive(database, () =>
      this.#engine.catalog.commit((transaction) => {
        this.#requireDatabase(transaction, database);
        const key = tableKeyOf(database, input.Name);
        const row = transaction.get(this.#tables, key);
        if (row === undefined) throw tableNotFound(storedName(input.Name));
        const { expectedVersion, skipArchive } = options;
        if (expectedVersion !== undefined && expectedVersion !== `${row.version}`) throw concurrentUpdate();
        if (!skipArchive) this.#archive(transaction, row);
        const { id, name, createdMs } = row;
        const updated = {
          id,
          databaseName: database,
          name,
          createdMs,
          version: row.version + 1,
          archived: row.archived + (skipArchive ? 0 : 1),
          updatedMs: this.#clock.now(),
          ...stored(input),
        };
        this.#checkSize(transaction, updated, row);
        transaction.put(this.#tables, key, updated);
      }),
    );
  }

  deleteTable(databaseName: string, name: string): Promise<void> {
    const database = storedName(databaseName);
    return this.#changes.exclusive(database, async () => {
      const row = this.table(database, name);
      const versionKeys = await this.#versionKeys(row);
      await this.#engine.catalog.commit((transaction) => {
        transaction.delete(this.#tables, tableKeyOf(database, name));
        for (const versionKey of versionKeys) transaction.delete(this.#versions, versionKey);
      });
    });
  }

  /** `versionId` is a number as a string; default: the latest version. Throws EntityNotFoundException. */
  async version(row: TableRow, versionId = `${row.version}`): Promise<TableRow> {
    const version = parseVersion(versionId);
    if (version === row.version) return row;
    const found = await this.#versions.get(versionKeyOf(row.id, version));
    if (found === undefined) throw versionNotFound();
    return found;
  }

  /** Latest first; only those below `before`, if given, and no more large ones than a page can have. */
  async versions(row: TableRow, before: number | undefined, count: number): Promise<TableRow[]> {
    const found: TableRow[] = before === undefined || row.version < before ? [row] : [];
    let size = found.length === 0 ? 0 : sizeOf(row);
    const range = before === undefined ? {} : { after: versionKeyOf(row.id, before) };
    const prefix = `${row.id}\n`;
    if (found.length >= count) return found;
    for await (const [, earlier] of this.#versions.entries({
      prefix,
      ...range,
      limit: count - found.length,
    })) {
      found.push(earlier);
      size += sizeOf(earlier);
      if (size > glueLimits.pageCharactersMax && found.length > 1) break;
    }
    return found;
  }

  /** Throws EntityNotFoundException; InvalidInputException for the latest version. */
  deleteVersion(databaseName: string, name: string, versionId: string): Promise<void> {
    const database = storedName(databaseName);
    return this.#changes.exclusive(database, async () => {
      const row = this.table(database, name);
      const { version } = await this.version(row, versionId);
      if (version === row.version) throw invalidInput('The latest version of a table cannot be deleted.');
      await this.#engine.catalog.commit((transaction) => {
        transaction.delete(this.#versions, versionKeyOf(row.id, version));
        transaction.put(this.#tables, tableKeyOf(database, name), { ...row, archived: row.archived - 1 });
      });
    });
  }

  #requireDatabase(transaction: Transaction, name: string): void {
    if (transaction.get(this.#databases, name) === undefined) throw databaseNotFound(name);
  }

  /** Throws ResourceNumberLimitExceededException if the row makes all of them too large. */
  #checkSize(transaction: Transaction, row: DatabaseRow | TableRow, replaced?: DatabaseRow | TableRow): void {
    const added = sizeOf(row);
    if (added <= glueLimits.smallInputCharactersMax) return;
    if (replaced !== undefined && added <= sizeOf(replaced)) return;
    let size = added;
    for (const table of [this.#databases, this.#tables]) {
      for (const [, other] of transaction.entries<DatabaseRow | TableRow>(table)) {
        const otherSize = other === replaced ? 0 : sizeOf(other);
        if (otherSize > glueLimits.smallInputCharactersMax) size += otherSize;
      }
    }
    if (size > glueLimits.inputCharactersMax) throw tooLarge();
  }

  #archive(transaction: Transaction, row: TableRow): void {
    const { versionsPerTableMax } = glueLimits;
    if (row.archived >= versionsPerTableMax) throw tooMany('versions of a table', versionsPerTableMax);
    transaction.put(this.#versions, versionKeyOf(row.id, row.version), row);
  }

  async #versionKeys({ id }: TableRow): Promise<string[]> {
    const keys: string[] = [];
    for await (const [key] of this.#versions.entries({ prefix: `${id}\n` })) keys.push(key);
    return keys;
  }
}

function stored({
  LastAccessTime: accessed,
  LastAnalyzedTime: analyzed,
  ...input
}: Checked<TableInput>): Pick<TableRow, 'input' | 'lastAccessMs' | 'lastAnalyzedMs'> {
  const kept: StoredTableInput = input;
  return {
    input: kept,
    ...(accessed !== undefined && { lastAccessMs: accessed.getTime() }),
    ...(analyzed !== undefined && { lastAnalyzedMs: analyzed.getTime() }),
  };
}

/** Names have no line feeds. */
function tableKeyOf(databaseName: string, name: string): string {
  return `${storedName(databaseName)}\n${storedName(name)}`;
}

function versionKeyOf(id: string, version: number): string {
  return `${id}\n${String(VERSION_MAX - version).padStart(9, '0')}`;
}

export function parseVersion(versionId: string): number {
  if (!/^\d{1,9}$/.test(versionId)) throw invalidInput(`Version ${versionId} is not a number.`);
  return Number(versionId);
}
