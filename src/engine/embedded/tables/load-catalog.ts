import type { RowChange } from '../format/entries.ts';
import { CATALOG_END, parseCatalogRowKey } from '../format/row-key.ts';
import type { State } from '../state.ts';
import type { RowReader } from './row-reader.ts';
import { rowOf } from './stored-value.ts';

const ROWS_AT_ONCE = 1000;

/** Loads the catalog's rows into memory, where they stay while the engine is open. Throws DamageError. */
export async function loadCatalog(state: State, reader: RowReader): Promise<void> {
  let changes: RowChange[] = [];
  for await (const [rowKey, value] of reader.all(CATALOG_END)) {
    const { table, key } = parseCatalogRowKey(rowKey);
    changes.push([table, key, rowOf(value)]);
    if (changes.length < ROWS_AT_ONCE) continue;
    state.tables.apply(changes);
    changes = [];
  }
  state.tables.apply(changes);
}
