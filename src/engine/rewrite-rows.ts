import type { Engine } from './engine.ts';
import { engineLimits } from './limits.ts';
import type { DiskTable } from './tables.ts';

/**
 * Changes the rows of a table while nothing else does; undefined leaves a row as it is. Resolves with the number of
 * changed rows. A process that ends meanwhile has changed some of them.
 */
export async function rewriteRows<Row extends object>(
  { catalog }: Engine,
  table: DiskTable<Row>,
  change: (row: Readonly<Row>) => Row | undefined | Promise<Row | undefined>,
): Promise<number> {
  let count = 0;
  let changed: (readonly [string, Row])[] = [];
  const store = async (): Promise<void> => {
    const rows = changed;
    changed = [];
    count += rows.length;
    if (rows.length === 0) return;
    await catalog.commit((transaction) => {
      for (const [key, row] of rows) transaction.put(table, key, row);
    });
  };
  for await (const [key, row] of table.entries()) {
    const after = await change(row);
    if (after !== undefined) changed.push([key, after]);
    if (changed.length >= engineLimits.rewrittenRowsMax) await store();
  }
  await store();
  return count;
}
