import type { RowKey } from '../format/row-key.ts';
import type { StoredValue } from './stored-value.ts';

/** Points to a row and advances in key order. */
export interface Cursor {
  /** Undefined at the end. */
  readonly key: RowKey | undefined;
  readonly value: StoredValue;
  /** Returns a promise only when the next row must be read from disk. */
  next(): Promise<void> | undefined;
}

/** Yields the newest row of each key. `cursors` are ordered by age, newest first. */
export class MergedCursor implements Cursor {
  readonly #cursors: readonly Cursor[];
  key: RowKey | undefined;
  value: StoredValue = null;

  constructor(cursors: readonly Cursor[]) {
    this.#cursors = cursors;
    this.#choose();
  }

  next(): Promise<void> | undefined {
    let waiting: Promise<void>[] | undefined;
    for (const cursor of this.#cursors) {
      if (cursor.key !== this.key) continue;
      const wait = cursor.next();
      if (wait !== undefined) (waiting ??= []).push(wait);
    }
    if (waiting !== undefined) return Promise.all(waiting).then(() => this.#choose());
    this.#choose();
    return undefined;
  }

  #choose(): void {
    let newest: Cursor | undefined;
    for (const cursor of this.#cursors) {
      if (cursor.key === undefined) continue;
      // With equal keys the first cursor, which is the newest, stays selected.
      if (newest?.key === undefined || cursor.key < newest.key) newest = cursor;
    }
    this.key = newest?.key;
    this.value = newest?.value ?? null;
  }
}
