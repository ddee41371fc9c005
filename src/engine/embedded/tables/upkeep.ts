import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { EngineBusyError } from '../../engine.ts';
import type { Disk } from '../disk.ts';
import { DamageError } from '../errors.ts';
import type { RowKey } from '../format/row-key.ts';
import { tablePath, type TableFile } from '../format/table-file.ts';
import type { State } from '../state.ts';
import type { Committer } from '../write/committer.ts';
import { chooseMerge, type Merge } from './choose-merge.ts';
import { MergedCursor, type Cursor } from './cursor.ts';
import { wholeFilesCursor } from './file-cursors.ts';
import type { Levels } from './levels.ts';
import type { Memtable } from './row-store.ts';
import type { TableReader } from './table-reader.ts';
import { writeTables, type TableTarget } from './table-writer.ts';

const RETRY_MS = 1000;

export interface TableUpkeepOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: State;
  readonly store: Buffer;
  readonly committer: Committer;
  readonly reader: TableReader;
  readonly memtableBytes: number;
  readonly unflushedRowsBytesMax: number;
  readonly checkpointRowsBytesMax: number;
  readonly tableFileBytes: number;
  readonly tableLevelBytes: number;
  readonly tableLevelZeroFiles: number;
  readonly tableLevelZeroFilesMax: number;
  readonly tableBlockBytes: number;
  readonly tableSectionBytes: number;
  readonly tableSyncBytes: number;
  /** Segments may be removable now that their rows are in table files. */
  onFlushed(): void;
}

/**
 * Flushes row changes from memory to table files and merges table files, in the background: commits learn of a file
 * once it is durable. A file whose writing failed is rewritten, never reused.
 */
export class TableUpkeep {
  readonly #options: TableUpkeepOptions;
  readonly #damaged = new Set<number>();
  /** The last merged key per level. */
  readonly #mergedUntil = new Map<number, RowKey>();
  /** Durable files, but the frame that names them failed, so it is uncertain whether they belong to the store. */
  #unnamed: TableFile[] = [];
  /** Files that were merged into others. */
  #obsolete: TableFile[] = [];
  #flushing: Promise<void> | undefined;
  #merging: Promise<void> | undefined;
  /** The levels among which no merge is needed. */
  #settled: Levels | undefined;
  #flushFailed = false;
  #cancelRetry: (() => void) | undefined;
  #waiting: (() => void)[] = [];
  /** Resolves after the last submission that waits for space. */
  #line: Promise<void> | undefined;
  #lineHasRecords = false;
  #closing = false;
  #closed = false;

  constructor(options: TableUpkeepOptions) {
    this.#options = options;
  }

  /** Row changes or files were added. */
  poke(): void {
    if (this.#closed || this.#cancelRetry !== undefined) return;
    const { state, memtableBytes } = this.#options;
    if (state.rows.active.bytes >= memtableBytes) state.rows.freeze(state.active.number);
    if (state.rows.frozen.length > 0)
      this.#flushing ??= this.#run(() => this.#flush()).finally(() => this.#flushed());
    // Called for each commit: examine the levels only when they have changed.
    if (this.#closing || this.#merging !== undefined || state.rows.levels === this.#settled) return;
    if (this.#chooseMerge() === undefined) this.#settled = state.rows.levels;
    else this.#merging = this.#run(() => this.#merge()).finally(() => this.#merged());
  }

  /**
   * Submits work to the committer: immediately, except that row changes wait while too many are in memory, in the order
   * of the calls. Work on logs does not overtake a waiting change of rows that includes records, and waits for no
   * other. Rejects with EngineBusyError when memory is full and the disk does not accept flushes.
   */
  submit<Answer>(
    kind: { readonly changesRows: boolean; readonly hasRecords: boolean },
    submit: () => Promise<Answer>,
  ): Promise<Answer> {
    const waits =
      this.#line === undefined
        ? kind.changesRows && this.#isCrowded
        : kind.changesRows || this.#lineHasRecords;
    if (!waits) return submit();
    if (kind.hasRecords) this.#lineHasRecords = true;
    const turn = (this.#line ?? Promise.resolve()).then(async () => {
      if (kind.changesRows) await this.#room();
      // Wrapped in an object: the next in line waits for the submission, not for the answer.
      return { answer: submit() };
    });
    const line = turn.then(noResult, noResult);
    this.#line = line;
    void this.#endLine(line);
    return turn.then(({ answer }) => answer);
  }

  async #endLine(line: Promise<void>): Promise<void> {
    await line;
    if (this.#line !== line) return;
    this.#line = undefined;
    this.#lineHasRecords = false;
  }

  /** There are too many changes in memory, or files in level 0. */
  get #isCrowded(): boolean {
    const { state, unflushedRowsBytesMax, tableLevelZeroFilesMax } = this.#options;
    const { frozen, bytes, levels } = state.rows;
    if (frozen.length > 0 && bytes >= unflushedRowsBytesMax) return true;
    return (levels.levels[0]?.length ?? 0) >= tableLevelZeroFilesMax && this.#merging !== undefined;
  }

  async #room(): Promise<void> {
    while (this.#isCrowded) {
      if (this.#flushFailed || this.#closed)
        throw new EngineBusyError('too many row changes are waiting for the disk');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Leaves few enough changes in memory for the next start to be quick. */
  async close(): Promise<void> {
    const { state, checkpointRowsBytesMax } = this.#options;
    this.#closing = true;
    await this.#merging;
    if (state.rows.bytes > checkpointRowsBytesMax) {
      state.rows.freeze(state.active.number);
      this.poke();
    }
    while (this.#flushing !== undefined) await this.#flushing;
    this.#closed = true;
    this.#cancelRetry?.();
    this.#wake();
  }

  async #run(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#closed) return;
      // The disk is full or failing: the rows stay in memory and in the log, and the flush is tried again.
      this.#options.log.warn({ err: error }, 'could not write or merge table files');
      this.#cancelRetry ??= this.#options.clock.schedule(RETRY_MS, () => {
        this.#cancelRetry = undefined;
        this.poke();
      });
    }
  }

  #merged(): void {
    this.#merging = undefined;
    this.#wake();
  }

  #flushed(): void {
    this.#flushing = undefined;
    this.#wake();
    this.#options.onFlushed();
    this.poke();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #flush(): Promise<void> {
    const { rows } = this.#options.state;
    try {
      for (let [oldest] = rows.frozen; oldest !== undefined && !this.#closed; [oldest] = rows.frozen) {
        await this.#flushOne(oldest);
        this.#flushFailed = false;
        this.#wake();
      }
    } catch (error) {
      this.#flushFailed = true;
      throw error;
    }
  }

  async #flushOne(memtable: Memtable): Promise<void> {
    const { disk, state } = this.#options;
    await this.#removeUnnamed();
    const target = this.#target({
      level: 0,
      fileBytesMax: 0,
      isOldest: state.rows.levels.files().length === 0,
    });
    const files = await writeTables(disk, memtable.rows.cursor(''), target);
    if (files === undefined) return;
    await this.#name([], files, { commit: memtable.lastCommit, segment: memtable.nextSegment });
  }

  #chooseMerge(): Merge | undefined {
    return chooseMerge(this.#options.state.rows.levels, {
      levelZeroFiles: this.#options.tableLevelZeroFiles,
      levelBytes: this.#options.tableLevelBytes,
      after: this.#mergedUntil,
      isDamaged: ({ number }) => this.#damaged.has(number),
    });
  }

  async #merge(): Promise<void> {
    for (
      let merge = this.#chooseMerge();
      merge !== undefined && !this.#closing;
      merge = this.#chooseMerge()
    ) {
      try {
        await this.#mergeOne(merge);
        this.#wake();
      } catch (error) {
        if (!(error instanceof DamageError)) throw error;
        for (const { number } of merge.sources.flat()) {
          if (tablePath(number) === error.file) this.#damaged.add(number);
        }
        this.#options.log.error({ err: error }, 'a table file is damaged and is kept as it is');
      }
    }
  }

  async #mergeOne(merge: Merge): Promise<void> {
    const { disk, reader, tableFileBytes } = this.#options;
    const inputs = merge.sources.flat();
    const gone = inputs.map(({ number }) => number);
    await this.#removeUnnamed();
    if (merge.isMove) {
      await this.#name(
        gone,
        inputs.map((file) => ({ ...file, level: merge.level })),
        undefined,
      );
    } else {
      const { level, isOldest } = merge;
      const target = this.#target({ level, fileBytesMax: tableFileBytes, isOldest });
      const cursors: Cursor[] = [];
      for (const files of merge.sources) cursors.push(await wholeFilesCursor(reader, files));
      const files = await writeTables(disk, new MergedCursor(cursors), target);
      if (files === undefined) return;
      await this.#name(gone, files, undefined);
      this.#obsolete.push(...inputs);
    }
    const [last] = merge.sources[0]?.toReversed() ?? [];
    if (merge.level > 1 && last !== undefined) this.#mergedUntil.set(merge.level - 1, last.last);
  }

  #target(about: Pick<TableTarget, 'level' | 'fileBytesMax' | 'isOldest'>): TableTarget {
    const { store, clock, state, tableBlockBytes, tableSectionBytes, tableSyncBytes } = this.#options;
    return {
      ...about,
      store,
      blockBytes: tableBlockBytes,
      sectionBytes: tableSectionBytes,
      syncBytes: tableSyncBytes,
      createdMs: clock.now(),
      takeNumber: () => state.rows.takeFileNumber(),
      isCancelled: () => (about.level === 0 ? this.#closed : this.#closing),
    };
  }

  /** Makes these files the store's table files. */
  async #name(
    gone: readonly number[],
    came: readonly TableFile[],
    flushed: { readonly commit: number; readonly segment: number } | undefined,
  ): Promise<void> {
    const { committer } = this.#options;
    const obsolete = this.#obsolete.splice(0);
    try {
      await committer.perform((draft) => draft.changeTables(gone, came, flushed));
    } catch (error) {
      if (gone.length === 0 || !came.some(({ number }) => gone.includes(number))) this.#unnamed.push(...came);
      this.#obsolete.unshift(...obsolete);
      throw error;
    }
    await this.#removeObsolete(obsolete);
  }

  /**
   * Removes merged files when the files of another merge or flush are named: if the frame that names their replacement
   * were damaged, the one before would need them.
   */
  async #removeObsolete(files: readonly TableFile[]): Promise<void> {
    const { disk, reader } = this.#options;
    for (const file of files) {
      await reader.forget(file);
      await disk.remove(tablePath(file.number));
    }
  }

  /** Once a later frame is durable, the failed one cannot reappear, nor the files that it named. */
  async #removeUnnamed(): Promise<void> {
    if (this.#unnamed.length === 0) return;
    const { committer, disk, state } = this.#options;
    await committer.perform((draft) => draft.add({ kind: 'numbers', nextLog: state.nextLog }));
    for (const file of this.#unnamed.splice(0)) await disk.remove(tablePath(file.number));
  }
}

function noResult(): void {}
