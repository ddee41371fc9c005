import { hasErrorCode } from '../../../support/errno.ts';
import type { Disk } from '../disk.ts';
import { segmentKey } from '../format/entries.ts';
import { DamageError } from '../errors.ts';
import { parseTableName, readTableTrailer, tablePath, TABLES_FOLDER } from '../format/table-file.ts';
import { segmentPath } from '../read/segment-file.ts';
import type { State } from '../state.ts';
import type { RowsOfCommit } from '../tables/row-store.ts';
import { scanHeads } from './scan.ts';

/** Number of concurrent checks: a start must not open thousands of files one after another. */
const FILES_AT_ONCE = 16;

/**
 * Verifies that each table file exists and that both its ends are intact; blocks are verified when they are read.
 * Returns files that do not belong to the store. Throws DamageError.
 */
export async function attachTables(disk: Disk, state: State, store: Buffer): Promise<string[]> {
  const { rows } = state;
  const present = await listTables(disk);
  for (const name of present) {
    // Also the number of a removed file: until its folder is synced it may reappear.
    const number = parseTableName(name.replace(/\.tmp$/, ''));
    if (number !== undefined) rows.reserveFileNumbers(number);
  }
  const files = rows.levels.files();
  for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
    await Promise.all(
      files.slice(at, at + FILES_AT_ONCE).map((file) => checkTable(disk, file.number, store)),
    );
  }
  const paths = new Set(files.map(({ number }) => tablePath(number)));
  return present.map((name) => `${TABLES_FOLDER}/${name}`).filter((path) => !paths.has(path));
}

async function listTables(disk: Disk): Promise<string[]> {
  return await disk.list(TABLES_FOLDER).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
}

/** Numbers of the existing table files. */
export async function presentTables(disk: Disk): Promise<number[]> {
  const numbers = (await listTables(disk)).map(parseTableName).filter((number) => number !== undefined);
  return numbers.sort((a, b) => a - b);
}

async function checkTable(disk: Disk, number: number, store: Buffer): Promise<void> {
  const path = tablePath(number);
  const file = await disk.open(path, 'read').catch((error: unknown) => {
    throw hasErrorCode(error, 'ENOENT') ? DamageError.missing(path) : error;
  });
  try {
    await readTableTrailer(file, number, store);
  } finally {
    await file.close();
  }
}

/** Row changes in sealed segments that are not in a table file yet. Throws DamageError. */
export async function earlierRows(disk: Disk, state: State): Promise<RowsOfCommit[]> {
  const found: RowsOfCommit[] = [];
  const { flushedCommit, firstSegment } = state.rows;
  const segments = [...state.sealed.values()].filter(({ number }) => number >= firstSegment);
  for (const segment of segments.sort((a, b) => a.number - b.number)) {
    const name = { number: segment.number, revision: segment.revision };
    const path = segmentPath(name);
    if (segment.revision > 0 || !state.live.has(segmentKey(name))) continue;
    const file = await disk.open(path, 'read');
    try {
      const until = segment.framesEnd;
      const { end, fault } = await scanHeads(
        file,
        { segment: segment.number, until },
        ({ commit, entries }) => {
          for (const entry of entries) {
            const isOfRows = entry.kind === 'catalog' || entry.kind === 'rows';
            if (isOfRows && commit > flushedCommit) found.push({ commit, entry });
          }
        },
      );
      if (fault !== undefined) throw new DamageError(path, end, fault);
    } finally {
      await file.close();
    }
  }
  return found;
}
