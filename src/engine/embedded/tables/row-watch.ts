import type { ChangedRow } from '../../watch-rows.ts';
import { fromUtf8, parseCatalogRowKey, type RowKey } from '../format/row-key.ts';

type Listener = (changed: readonly ChangedRow[]) => void;

/** Tells of the rows of some tables that a frame has changed, when all of the frame is applied. */
export class RowWatch {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #changed = new Map<Listener, ChangedRow[]>();

  /** Returns what ends it. */
  add(tables: readonly string[], listener: Listener): () => void {
    for (const table of tables) {
      const others = this.#listeners.get(table);
      if (others === undefined) this.#listeners.set(table, new Set([listener]));
      else others.add(listener);
    }
    return () => {
      for (const table of tables) {
        const all = this.#listeners.get(table);
        all?.delete(listener);
        if (all?.size === 0) this.#listeners.delete(table);
      }
    };
  }

  saw(rowKey: RowKey): void {
    if (this.#listeners.size === 0) return;
    const end = rowKey.indexOf('\0');
    const table = fromUtf8(rowKey.slice(1, end));
    const listeners = this.#listeners.get(table);
    if (listeners === undefined) return;
    const key = rowKey.startsWith('c') ? parseCatalogRowKey(rowKey).key : fromUtf8(rowKey.slice(end + 1));
    for (const listener of listeners) {
      const changed = this.#changed.get(listener);
      if (changed === undefined) this.#changed.set(listener, [{ table, key }]);
      else changed.push({ table, key });
    }
  }

  /** The frame is applied. */
  tell(): void {
    if (this.#changed.size === 0) return;
    const told = [...this.#changed];
    this.#changed.clear();
    for (const [listener, changed] of told) listener(changed);
  }
}
