import type { RowKey } from '../format/row-key.ts';
import type { StoredValue } from './stored-value.ts';

/** Stands on a row, and goes to the next one in the order of keys. */
export interface Cursor {
  /** Undefined at the end. */
  readonly key: RowKey | undefined;
  readonly value: StoredValue;
  /** A promise only where the next row has to come from disk. */
  next(): Promise<void> | undefined;
}

/** The newest row of each key. `cursors` are in order of age, the newest first. */
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
      // At the same key the first one, the newest, stays chosen.
      if (newest?.key === undefined || cursor.key < newest.key) newest = cursor;
    }
    this.key = newest?.key;
    this.value = newest?.value ?? null;
  }
}
