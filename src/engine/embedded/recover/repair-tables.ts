import { engineLimits } from '../../limits.ts';
import type { Disk } from '../disk.ts';
import type { TableFile } from '../format/table-file.ts';
import type { State } from '../state.ts';
import type { Cursor } from '../tables/cursor.ts';
import { BlockCursor } from '../tables/rows-block.ts';
import type { StoredValue } from '../tables/stored-value.ts';
import { writeTables } from '../tables/table-writer.ts';
import type { RowKey } from '../format/row-key.ts';
import { describeLost, inspectTable, type TableInspection } from './inspect-table.ts';
import { presentTables } from './table-files.ts';

export interface ReplacedTables {
  /** Numbers of the files with damage. */
  readonly damaged: readonly number[];
  /** Numbers of intact files that were rewritten only to keep their place in the order of age. */
  readonly whole: readonly number[];
}

/**
 * Writes the intact rows of damaged table files to new ones and makes `state` refer to these. Older values of lost rows
 * may reappear, because the newer ones are gone. The replaced files stay until the caller has written the state.
 */
export async function replaceTables(
  disk: Disk,
  state: State,
  inspections: readonly TableInspection[],
  info: { readonly store: Buffer; readonly nowMs: number },
): Promise<ReplacedTables> {
  const damaged = new Set(
    inspections.filter(({ damages }) => damages.length > 0).map(({ number }) => number),
  );
  const { rows } = state;
  const present = new Set(await presentTables(disk));
  for (const number of present) rows.reserveFileNumbers(number);
  const files = filesToReplace(rows.levels.levels, damaged);
  for (const file of files) {
    const bodies: Buffer[] = [];
    if (present.has(file.number)) {
      await inspectTable(disk, file.number, { store: undefined, visit: (body) => void bodies.push(body) });
    }
    const came = await writeTables(disk, new BodiesCursor(bodies), {
      level: file.level,
      store: info.store,
      createdMs: info.nowMs,
      blockBytes: engineLimits.tableBlockBytes,
      sectionBytes: engineLimits.tableSectionBytes,
      syncBytes: engineLimits.tableSyncBytes,
      fileBytesMax: 0,
      // Keep rows that mark a deletion: the deleted row may be in an older file.
      isOldest: false,
      takeNumber: () => rows.takeFileNumber(),
      isCancelled: () => false,
    });
    rows.levels = rows.levels.change([file.number], came ?? []);
  }
  const numbers = files.map(({ number }) => number).filter((number) => present.has(number));
  return {
    damaged: numbers.filter((number) => damaged.has(number)),
    whole: numbers.filter((number) => !damaged.has(number)),
  };
}

/** In level 0 a higher number means a newer file, so files newer than a damaged one get new numbers too. */
function filesToReplace(
  levels: readonly (readonly TableFile[])[],
  damaged: ReadonlySet<number>,
): TableFile[] {
  const [levelZero = [], ...deeper] = levels;
  const oldestFirst = levelZero.toReversed();
  const from = oldestFirst.findIndex(({ number }) => damaged.has(number));
  const ofLevelZero = from === -1 ? [] : oldestFirst.slice(from);
  return [...ofLevelZero, ...deeper.flat().filter(({ number }) => damaged.has(number))];
}

/** Describes the rows lost with damaged table files, and how many there are. */
export function lostRows(
  state: State,
  inspections: readonly TableInspection[],
): { readonly subjects: readonly string[]; readonly count: number } {
  const held = new Map(state.rows.levels.files().map(({ number, rows }) => [number, rows]));
  const subjects: string[] = [];
  let count = 0;
  for (const { number, rows, lost } of inspections) {
    const gone = Math.max(0, (held.get(number) ?? rows) - rows);
    if (gone > 0) subjects.push(...lost.map(describeLost));
    count += gone;
  }
  return { subjects, count };
}

/** Iterates over the rows of blocks, one block after another. */
class BodiesCursor implements Cursor {
  readonly #bodies: readonly Buffer[];
  #at = 0;
  #rows: BlockCursor | undefined;
  key: RowKey | undefined;
  value: StoredValue = null;

  constructor(bodies: readonly Buffer[]) {
    this.#bodies = bodies;
    this.#settle();
  }

  next(): undefined {
    this.#rows?.next();
    this.#settle();
    return undefined;
  }

  #settle(): void {
    while (this.#rows?.key === undefined) {
      const body = this.#bodies[this.#at++];
      if (body === undefined) break;
      this.#rows = new BlockCursor(body);
    }
    this.key = this.#rows?.key;
    this.value = this.#rows?.value ?? null;
  }
}
