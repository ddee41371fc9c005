import { engineLimits } from '../../limits.ts';
import type { DiskTable, RowRange, Tables } from '../../tables.ts';
import { afterPrefix, diskTablePrefix, fromUtf8, utf8 } from '../format/row-key.ts';
import { diskRowKey } from '../memory-tables.ts';
import type { RowReader } from './row-reader.ts';
import { rowOf } from './stored-value.ts';

/** Rows in the first batch of a scan: many scans need only one or two rows. */
const FIRST_ROWS = 16;

export function diskTables(reader: RowReader, checkOpen: () => void): Tables {
  return { open: (name) => diskTable(name, reader, checkOpen) };
}

function diskTable<Row extends object>(
  name: string,
  reader: RowReader,
  checkOpen: () => void,
): DiskTable<Row> {
  const prefix = diskTablePrefix(name);
  return {
    name,
    storage: 'disk',
    async get(key) {
      checkOpen();
      const value = await reader.get(diskRowKey({ name }, key));
      // The rows of a table are those that `put` of the same table accepted.
      return value === undefined ? undefined : (rowOf(value) as Row);
    },
    async *entries(range = {}) {
      const { before } = bounds(prefix, range);
      let { from } = bounds(prefix, range);
      let left = range.limit ?? Infinity;
      for (let rows = FIRST_ROWS; left > 0; rows = engineLimits.tableScanRowsMax) {
        checkOpen();
        const run = await reader.run(
          { from, before },
          { rows: Math.min(rows, left), bytes: engineLimits.tableScanBytesMax },
        );
        for (const [key, value] of run.rows) yield [fromUtf8(key.slice(prefix.length)), rowOf(value) as Row];
        left -= run.rows.length;
        if (run.next === undefined) return;
        from = run.next;
      }
    },
  };
}

/** The key range: `from` is inclusive, `before` exclusive. */
function bounds(table: string, range: RowRange): { from: string; before: string } {
  const prefix = table + utf8(range.prefix ?? '');
  const starts = [prefix];
  const ends = [afterPrefix(prefix)];
  if (range.from !== undefined) starts.push(table + utf8(range.from));
  // The smallest key greater than this one.
  if (range.after !== undefined) starts.push(`${table}${utf8(range.after)}\0`);
  if (range.before !== undefined) ends.push(table + utf8(range.before));
  return {
    from: starts.reduce((a, b) => (a > b ? a : b)),
    before: ends.reduce((a, b) => (a < b ? a : b)),
  };
}
