import type { CatalogEntry, Entry, RowChange, RowsEntry, TablesEntry } from '../format/entries.ts';
import { decodeRowChanges, encodeRowChanges } from '../format/row-changes.ts';
import {
  CATALOG_END,
  CATALOG_START,
  catalogRowKey,
  parseCatalogRowKey,
  type RowKey,
} from '../format/row-key.ts';
import { Levels } from './levels.ts';
import { SortedRows } from './sorted-rows.ts';
import type { StoredValue } from './stored-value.ts';

/** What a row costs in memory besides its bytes. */
const OVERHEAD_BYTES = 64;
const ROWS_PER_ENTRY = 1000;

/** Changes that are not in a table file yet, up to a commit. */
export interface Memtable {
  readonly rows: SortedRows;
  bytes: number;
  /** The last commit whose changes are here; none later is, once it is frozen. */
  lastCommit: number;
  /** Later commits lie in this segment and those after it. Known once it is frozen. */
  nextSegment: number;
}

/** Row changes of one frame. */
export interface RowsOfCommit {
  readonly commit: number;
  readonly entry: CatalogEntry | RowsEntry;
}

/**
 * All rows as durable now: the newest changes in memory, older ones in table files. The changes of the commits up to
 * `flushedCommit` are in files; those of later ones are in frames of the segments from `firstSegment` on, which must
 * stay until they are too. Changed only by State.apply, and by freezing.
 */
export class RowStore {
  active = emptyMemtable();
  /** Being written to files; the oldest first. */
  frozen: Memtable[] = [];
  levels = new Levels();
  flushedCommit = -1;
  firstSegment = 0;
  /** As `firstSegment` before the newest entry: were that damaged, the one before would need these segments. */
  keptSegment = 0;
  #nextFile = 1;
  /** While a start reads frames: which of them count is known at the end only. */
  #replay: RowsOfCommit[] | undefined;
  #isAtCheckpoint = false;

  /** From now on changes are gathered until `finishReplay`; what they begin with is a checkpoint in `segment`. */
  beginReplay(segment: number): void {
    this.#replay = [];
    // Unless the checkpoint names an earlier one; that of a store of version 2 has all rows itself.
    this.firstSegment = segment;
    this.#isAtCheckpoint = true;
  }

  /** `earlier` are the changes of the segments before the newest one. */
  finishReplay(earlier: readonly RowsOfCommit[]): void {
    const replay = [...earlier, ...(this.#replay ?? [])];
    this.#replay = undefined;
    for (const { commit, entry } of replay) {
      if (commit > this.flushedCommit) this.applyRows(entry, commit);
    }
  }

  get isReplaying(): boolean {
    return this.#replay !== undefined;
  }

  /** Of all changes that are in memory. */
  get bytes(): number {
    return this.frozen.reduce((sum, { bytes }) => sum + bytes, this.active.bytes);
  }

  applyRows(entry: CatalogEntry | RowsEntry, commit: number): void {
    if (this.#replay !== undefined) {
      this.#replay.push({ commit, entry });
      return;
    }
    this.active.lastCommit = commit;
    if (entry.kind === 'catalog') {
      for (const [table, key, row] of entry.changes) this.#set(catalogRowKey(table, key), row);
      // Their size as JSON is not known here without making it; the frame knows.
      this.active.bytes += entry.bytes;
      return;
    }
    for (const [key, value] of decodeRowChanges(entry.changes)) {
      this.#set(key, value);
      this.active.bytes += value?.length ?? 0;
    }
  }

  applyTables(entry: TablesEntry): void {
    this.levels = new Levels().change([], entry.files);
    for (const { number } of entry.files) this.#nextFile = Math.max(this.#nextFile, number + 1);
    this.flushedCommit = Math.max(this.flushedCommit, entry.commit);
    this.keptSegment = this.#isAtCheckpoint ? entry.segment : this.firstSegment;
    this.firstSegment = this.#isAtCheckpoint ? entry.segment : Math.max(this.firstSegment, entry.segment);
    this.#isAtCheckpoint = false;
    this.frozen = this.frozen.filter(({ lastCommit }) => lastCommit > this.flushedCommit);
    this.#replay = this.#replay?.filter(({ commit }) => commit > this.flushedCommit);
  }

  /** A row that was lost with a file, as a frame has it. What memory has of it is newer. */
  restore(key: RowKey, value: StoredValue): void {
    if (this.getInMemory(key) === undefined) this.#set(key, value);
  }

  /** A number that no file of the store has had. */
  takeFileNumber(): number {
    return this.#nextFile++;
  }

  reserveFileNumbers(until: number): void {
    this.#nextFile = Math.max(this.#nextFile, until + 1);
  }

  /** What is in memory waits to be written to a file; later changes go elsewhere. */
  freeze(activeSegment: number): void {
    if (this.active.rows.size === 0) return;
    this.active.nextSegment = activeSegment;
    this.frozen.push(this.active);
    this.active = emptyMemtable();
  }

  /** Undefined: not in memory. Null: deleted. */
  getInMemory(key: RowKey): StoredValue | undefined {
    const newest = this.active.rows.get(key);
    if (newest !== undefined) return newest;
    for (let at = this.frozen.length - 1; at >= 0; at--) {
      const value = this.frozen[at]?.rows.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The newest first. */
  memtables(): Memtable[] {
    return [this.active, ...this.frozen.toReversed()];
  }

  /** For a segment's checkpoint: which files there are, and all changes in memory when `withRows`. */
  checkpoint(segment: number, withRows: boolean): Entry[] {
    const { flushedCommit: commit } = this;
    const entries: Entry[] = [
      {
        kind: 'tables',
        files: this.levels.files(),
        commit,
        segment: withRows ? segment : this.firstSegment,
      },
    ];
    // The oldest first: later ones take the place of earlier ones.
    if (withRows) for (const { rows } of [...this.frozen, this.active]) entries.push(...entriesOf(rows));
    return entries;
  }

  /** The checkpoint of this segment, with rows, is durable. */
  carried(segment: number): void {
    this.firstSegment = Math.max(this.firstSegment, segment);
    this.keptSegment = this.firstSegment;
  }

  #set(key: RowKey, value: StoredValue): void {
    this.active.rows.set(key, value);
    this.active.bytes += key.length + OVERHEAD_BYTES;
  }
}

function emptyMemtable(): Memtable {
  return { rows: new SortedRows(), bytes: 0, lastCommit: -1, nextSegment: 0 };
}

function entriesOf(rows: SortedRows): Entry[] {
  const entries: Entry[] = [];
  let changes: RowChange[] = [];
  const cursor = rows.cursor(CATALOG_START);
  for (; cursor.key !== undefined && cursor.key < CATALOG_END; void cursor.next()) {
    const { table, key } = parseCatalogRowKey(cursor.key);
    // Of the catalog rows are kept as such.
    changes.push([table, key, cursor.value as object | null]);
    if (changes.length < ROWS_PER_ENTRY) continue;
    entries.push({ kind: 'catalog', changes, bytes: 0 });
    changes = [];
  }
  if (changes.length > 0) entries.push({ kind: 'catalog', changes, bytes: 0 });
  const disk: [RowKey, string | null][] = [];
  for (; cursor.key !== undefined; void cursor.next()) disk.push([cursor.key, cursor.value as string | null]);
  if (disk.length > 0) entries.push({ kind: 'rows', changes: encodeRowChanges(disk) });
  return entries;
}
