import type { Counts } from '../../../support/findings.ts';
import { hasErrorCode } from '../../../support/errno.ts';
import type { Disk } from '../disk.ts';
import { CATALOG_END, parseCatalogRowKey } from '../format/row-key.ts';
import { tablePath, type TableFile } from '../format/table-file.ts';
import type { State } from '../state.ts';
import { BlockCursor } from '../tables/rows-block.ts';
import { rowOf, type StoredValue } from '../tables/stored-value.ts';
import { describeLost, inspectTable, type TableInspection } from './inspect-table.ts';

export type { TableInspection } from './inspect-table.ts';

/**
 * Reads all table files of the store, verifies every checksum, and loads the intact part of the catalog: it is used to
 * describe damaged records. While a server runs, files may be removed meanwhile.
 */
export async function inspectTables(
  disk: Disk,
  state: State,
  { isRunning }: { readonly isRunning: boolean },
): Promise<TableInspection[]> {
  const inspections: TableInspection[] = [];
  // Oldest rows first, so that newer ones replace them.
  for (const file of state.rows.levels.levels.toReversed().flatMap((files) => files.toReversed())) {
    const inspection = await inspectOne(disk, state, file, isRunning);
    if (inspection !== undefined) inspections.push(inspection);
  }
  for (const { rows } of state.rows.memtables().toReversed()) {
    for (
      const cursor = rows.cursor('');
      cursor.key !== undefined && cursor.key < CATALOG_END;
      void cursor.next()
    )
      setCatalogRow(state, cursor.key, cursor.value);
  }
  return inspections;
}

/** Row counts for reports; empty for a store without table files. */
export function rowCount(tables: readonly TableInspection[]): Counts {
  return tables.length === 0 ? [] : [['row', tables.reduce((sum, { rows }) => sum + rows, 0)]];
}

async function inspectOne(
  disk: Disk,
  state: State,
  file: TableFile,
  isRunning: boolean,
): Promise<TableInspection | undefined> {
  try {
    const visit = (body: Buffer): void => {
      for (const rows = new BlockCursor(body); rows.key !== undefined && rows.key < CATALOG_END; rows.next())
        setCatalogRow(state, rows.key, rows.value);
    };
    return await inspectTable(disk, file.number, { store: undefined, visit });
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    if (isRunning) return undefined;
    const keys = { after: undefined, before: undefined };
    const subject = describeLost({ after: file.first, before: file.last });
    const damage = { file: tablePath(file.number), offset: 0, problem: 'the file is missing', subject };
    return { number: file.number, rows: 0, lost: [keys], damages: [damage] };
  }
}

function setCatalogRow(state: State, rowKey: string, value: StoredValue): void {
  const { table, key } = parseCatalogRowKey(rowKey);
  state.tables.apply([[table, key, value === null ? null : rowOf(value)]]);
}
