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
  /** Numbers of files that hold damage. */
  readonly damaged: readonly number[];
  /** Numbers of whole files that were rewritten only to keep their place in the order of age. */
  readonly whole: readonly number[];
}

/**
 * Writes the whole rows of damaged table files into new ones and lets `state` name these. Older values of lost rows may
 * show again: what took their place is gone. The files that were replaced stay until the caller has written the state.
 */
export async function replaceTables(
  disk: Disk,
  state: State,
  inspections: readonly TableInspection[],
  facts: { readonly store: Buffer; readonly nowMs: number },
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
      store: facts.store,
      createdMs: facts.nowMs,
      blockBytes: engineLimits.tableBlockBytes,
      sectionBytes: engineLimits.tableSectionBytes,
      fileBytesMax: 0,
      // A row that says that another was deleted is kept: the other may be in an older file.
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

/** In level 0 a higher number says that a file is newer: those newer than a damaged one get new numbers too. */
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

/** What is gone with damaged table files: which rows, and how many. */
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

/** The rows of blocks, one block after another. */
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
