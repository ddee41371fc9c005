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
import { RowWatch } from './row-watch.ts';
import { SortedRows } from './sorted-rows.ts';
import type { StoredValue } from './stored-value.ts';

/** Memory of a row besides its bytes. */
const OVERHEAD_BYTES = 64;
const ROWS_PER_ENTRY = 1000;

/** Changes up to a commit that are not in a table file yet. */
export interface Memtable {
  readonly rows: SortedRows;
  bytes: number;
  /** The last commit whose changes are included; fixed once the memtable is frozen. */
  lastCommit: number;
  /** Later commits are in this segment and those after it. Known once the memtable is frozen. */
  nextSegment: number;
}

/** Row changes of one frame. */
export interface RowsOfCommit {
  readonly commit: number;
  readonly entry: CatalogEntry | RowsEntry;
}

/**
 * All durable rows: the newest changes in memory, older ones in table files. Files have the changes of commits up to
 * `flushedCommit`; later ones are in frames of the segments from `firstSegment` on, which must be kept until they are
 * flushed too. Changed only by State.apply and by freezing.
 */
export class RowStore {
  active = emptyMemtable();
  /** Memtables being flushed; oldest first. */
  frozen: Memtable[] = [];
  levels = new Levels();
  readonly watch = new RowWatch();
  flushedCommit = -1;
  firstSegment = 0;
  /**
   * `firstSegment` of the entry before the newest: if the newest were damaged, the one before would need these
   * segments.
   */
  keptSegment = 0;
  #nextFile = 1;
  /** Used while recovery reads frames: which changes count is known only at the end. */
  #replay: RowsOfCommit[] | undefined;
  #isAtCheckpoint = false;

  /** Collects changes until `finishReplay`; they begin with the checkpoint of `segment`. */
  beginReplay(segment: number): void {
    this.#replay = [];
    // The checkpoint may name an earlier one; the checkpoint of a version 2 store has all rows itself.
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

  /** Size of all changes in memory. */
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
      // Computing the JSON size here would mean serializing again; the frame knows it.
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

  /** Restores a row that was lost with a file, from a frame. A value in memory is newer. */
  restore(key: RowKey, value: StoredValue): void {
    if (this.getInMemory(key) === undefined) this.#set(key, value);
  }

  /** Returns a number that no file of the store has had. */
  takeFileNumber(): number {
    return this.#nextFile++;
  }

  reserveFileNumbers(until: number): void {
    this.#nextFile = Math.max(this.#nextFile, until + 1);
  }

  /** Freezes the changes in memory so that they can be flushed; later changes go to a new memtable. */
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

  /** Newest first. */
  memtables(): Memtable[] {
    return [this.active, ...this.frozen.toReversed()];
  }

  /** The entries for a segment's checkpoint: the list of files, and all changes in memory when `withRows`. */
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
    // Oldest first, so that later changes replace earlier ones.
    if (withRows) for (const { rows } of [...this.frozen, this.active]) entries.push(...entriesOf(rows));
    return entries;
  }

  /** Called when the checkpoint of this segment, which includes rows, is durable. */
  carried(segment: number): void {
    this.firstSegment = Math.max(this.firstSegment, segment);
    this.keptSegment = this.firstSegment;
  }

  #set(key: RowKey, value: StoredValue): void {
    this.watch.saw(key);
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
    // The values of catalog rows are stored as objects.
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
