import { hasErrorCode } from '../../../support/errno.ts';
import type { RowKey } from '../format/row-key.ts';
import { MergedCursor, type Cursor } from './cursor.ts';
import { levelCursor, wholeFilesCursor } from './file-cursors.ts';
import type { RowStore } from './row-store.ts';
import type { StoredValue } from './stored-value.ts';
import type { TableReader } from './table-reader.ts';

/** Rows examined, including deleted ones, before other work may run. */
const STEPS_MAX = 2000;

export interface RowRun {
  readonly rows: readonly (readonly [key: RowKey, value: NonNullable<StoredValue>])[];
  /** Where to continue; undefined at the end of the range. */
  readonly next: RowKey | undefined;
}

/** Reads durable rows: the newest in memory, then table files of level 0, then each older level. */
export class RowReader {
  readonly #rows: RowStore;
  readonly #reader: TableReader;

  constructor(rows: RowStore, reader: TableReader) {
    this.#rows = rows;
    this.#reader = reader;
  }

  /** Undefined when the row does not exist. Throws DamageError. */
  async get(key: RowKey): Promise<NonNullable<StoredValue> | undefined> {
    return await this.#whileFilesAreThere(async () => {
      const newest = this.#rows.getInMemory(key);
      if (newest !== undefined) return newest ?? undefined;
      for (const file of this.#rows.levels.filesOf(key)) {
        const value = await this.#reader.get(file, key);
        if (value !== undefined) return value ?? undefined;
      }
      return undefined;
    });
  }

  /** Reads the first rows of a range, up to a number of rows or bytes. */
  async run(
    range: { readonly from: RowKey; readonly before: RowKey },
    most: { readonly rows: number; readonly bytes: number },
  ): Promise<RowRun> {
    return await this.#whileFilesAreThere(async () => {
      const cursor = await this.#cursor(range.from, range.before);
      const rows: [RowKey, NonNullable<StoredValue>][] = [];
      let bytes = 0;
      for (let step = 0; cursor.key !== undefined && cursor.key < range.before; step++) {
        const isFull = rows.length >= most.rows || bytes >= most.bytes || step >= STEPS_MAX;
        if (isFull) return { rows, next: cursor.key };
        if (cursor.value !== null) {
          // A string takes less memory than a view of a block, and does not keep the block alive.
          const value = Buffer.isBuffer(cursor.value) ? cursor.value.toString() : cursor.value;
          rows.push([cursor.key, value]);
          bytes += cursor.key.length + (typeof value === 'string' ? value.length : 0);
        }
        const wait = cursor.next();
        if (wait !== undefined) await wait;
      }
      return { rows, next: undefined };
    });
  }

  /** Yields all rows with keys before `end`, in large steps; for startup. */
  async *all(end: RowKey): AsyncIterableIterator<readonly [RowKey, NonNullable<StoredValue>]> {
    const { levels } = this.#rows.levels;
    const sources = levels.flatMap((files, level) => (level === 0 ? files.map((file) => [file]) : [files]));
    const cursors: Cursor[] = this.#rows.memtables().map(({ rows }) => rows.cursor(''));
    for (const files of sources) cursors.push(await wholeFilesCursor(this.#reader, files));
    const cursor = new MergedCursor(cursors);
    while (cursor.key !== undefined && cursor.key < end) {
      if (cursor.value !== null) yield [cursor.key, cursor.value];
      const wait = cursor.next();
      if (wait !== undefined) await wait;
    }
  }

  async #cursor(from: RowKey, before: RowKey): Promise<Cursor> {
    // Take all memtables before the first await: rows flushed later are in files that this read does not consult.
    const memtables = this.#rows.memtables();
    const { levels } = this.#rows.levels;
    const files: Cursor[] = [];
    for (const [level, ofLevel] of levels.entries()) {
      const wanted = ofLevel.filter((file) => file.last >= from && file.first < before);
      if (level > 0) files.push(await levelCursor(this.#reader, wanted, from));
      else for (const file of wanted) files.push(await this.#reader.cursor(file, from));
    }
    return new MergedCursor([...memtables.map(({ rows }) => rows.cursor(from)), ...files]);
  }

  /** A file may be removed during a read because others have replaced it: then `read` is called again. */
  async #whileFilesAreThere<Result>(read: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const { levels } = this.#rows;
      try {
        return await read();
      } catch (error) {
        if (!hasErrorCode(error, 'ENOENT') || this.#rows.levels === levels) throw error;
      }
    }
  }
}
