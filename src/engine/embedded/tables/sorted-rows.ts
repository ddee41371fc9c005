import { firstAtOrAfter } from '../format/sorted-keys.ts';
import type { RowKey } from '../format/row-key.ts';
import type { Cursor } from './cursor.ts';
import type { StoredValue } from './stored-value.ts';

const LEAF_ROWS_MAX = 256;

interface Leaf {
  readonly keys: RowKey[];
  readonly values: StoredValue[];
}

/** Rows in key order: a list of short sorted arrays, so that an insertion moves few entries. */
export class SortedRows {
  readonly #leaves: Leaf[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Undefined when the key is absent; null for a deletion. */
  get(key: RowKey): StoredValue | undefined {
    const leaf = this.#leaves[this.#leafOf(key)];
    if (leaf === undefined) return undefined;
    const at = firstAtOrAfter(leaf.keys, key);
    return leaf.keys[at] === key ? leaf.values[at] : undefined;
  }

  set(key: RowKey, value: StoredValue): void {
    const place = this.#leafOf(key);
    const leaf = this.#leaves[place];
    if (leaf === undefined) {
      this.#leaves.push({ keys: [key], values: [value] });
      this.#size = 1;
      return;
    }
    const at = firstAtOrAfter(leaf.keys, key);
    if (leaf.keys[at] === key) {
      leaf.values[at] = value;
      return;
    }
    leaf.keys.splice(at, 0, key);
    leaf.values.splice(at, 0, value);
    this.#size++;
    if (leaf.keys.length > LEAF_ROWS_MAX) this.#split(place, leaf, at);
  }

  /**
   * Starts at the first key at or after `from`. Rows may be set meanwhile: the cursor sees those after its position.
   */
  cursor(from: RowKey): Cursor {
    return new SortedCursor((key, isAfter) => this.#find(key, isAfter), from);
  }

  #find(key: RowKey, isAfter: boolean): { key: RowKey; value: StoredValue } | undefined {
    let place = this.#leafOf(key);
    let leaf = this.#leaves[place];
    if (leaf === undefined) return undefined;
    let at = firstAtOrAfter(leaf.keys, key);
    if (isAfter && leaf.keys[at] === key) at++;
    if (at === leaf.keys.length) {
      leaf = this.#leaves[++place];
      at = 0;
    }
    const found = leaf?.keys[at];
    return leaf === undefined || found === undefined
      ? undefined
      : { key: found, value: leaf.values[at] ?? null };
  }

  /** With ascending keys, the full leaf stays full instead of being split in half. */
  #split(place: number, leaf: Leaf, at: number): void {
    const middle = at === leaf.keys.length - 1 ? at : leaf.keys.length >>> 1;
    this.#leaves.splice(place + 1, 0, {
      keys: leaf.keys.splice(middle),
      values: leaf.values.splice(middle),
    });
  }

  /** The last leaf that begins at or before the key; the first one when none does. */
  #leafOf(key: RowKey): number {
    let low = 0;
    let high = this.#leaves.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#leaves[middle]?.keys[0] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

class SortedCursor implements Cursor {
  readonly #find: (key: RowKey, isAfter: boolean) => { key: RowKey; value: StoredValue } | undefined;
  key: RowKey | undefined;
  value: StoredValue = null;

  constructor(
    find: (key: RowKey, isAfter: boolean) => { key: RowKey; value: StoredValue } | undefined,
    from: RowKey,
  ) {
    this.#find = find;
    this.#goTo(find(from, false));
  }

  next(): undefined {
    if (this.key !== undefined) this.#goTo(this.#find(this.key, true));
  }

  #goTo(found: { key: RowKey; value: StoredValue } | undefined): void {
    this.key = found?.key;
    this.value = found?.value ?? null;
  }
}
