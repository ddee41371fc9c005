import assert from 'node:assert/strict';
import {
  LogSealedError,
  type AppendBatch,
  type Appended,
  type LogId,
  type PackedRecords,
  type RecordBatch,
} from '../../engine.ts';
import { LENGTH_BYTES, runsOf, SMALL_BYTES } from '../../packed-records.ts';
import type { Entry } from '../format/entries.ts';
import { encodeRowChanges } from '../format/row-changes.ts';
import type { TableFile } from '../format/table-file.ts';
import type { Levels } from '../tables/levels.ts';
import type { Transaction } from '../../catalog.ts';
import { Overlay, transactionOver } from '../memory-tables.ts';
import type { State } from '../state.ts';

/** The state of a log after the frame. */
interface StagedLog {
  nextIndex: number;
  firstIndex: number;
  sealed: boolean;
  dropped: boolean;
  arrivalMs: number;
  appended: StagedAppends | undefined;
}

/** What this frame appends to a log. */
interface StagedAppends extends Appended {
  readonly batches: PackedRecords[];
}

/**
 * A group commit being assembled: the effects of its requests, one after another, over the durable state. Nothing of it
 * is visible before its frame is durable.
 */
export class GroupCommit {
  readonly state: State;
  readonly nowMs: number;
  readonly rows: Overlay;
  readonly #entries: Entry[] = [];
  readonly #appends: StagedAppends[] = [];
  readonly #logs = new Map<LogId, StagedLog>();
  readonly #chunkBytesMax: number;
  #tables: { readonly levels: Levels; readonly commit: number; readonly segment: number } | undefined;
  #nextLog: number;
  payloadBytes = 0;

  constructor(state: State, options: { readonly nowMs: number; readonly chunkBytesMax: number }) {
    this.state = state;
    this.nowMs = options.nowMs;
    this.#chunkBytesMax = options.chunkBytesMax;
    this.rows = new Overlay(state.tables);
    this.#nextLog = state.nextLog;
  }

  /** Throws LogSealedError before anything is staged. */
  checkOpen(log: LogId): void {
    const staged = this.#staged(log);
    if (staged.dropped) throw new LogSealedError(`log ${log} was dropped`);
    if (staged.sealed) throw new LogSealedError(`log ${log} is sealed`);
  }

  /** Whether a seal or drop in this frame decides about the log: the frame may still fail. */
  isUndecided(log: LogId): boolean {
    const staged = this.#staged(log);
    const sealing = staged.sealed && this.state.logs.get(log)?.sealed !== true;
    return sealing || (staged.dropped && !this.state.dropped.has(log));
  }

  /** Where `append` would put the batches, one after another. */
  plan(batches: readonly AppendBatch[]): Appended[] {
    const next = new Map<LogId, number>();
    return batches.map(({ log, records }) => {
      const { nextIndex, arrivalMs } = this.#staged(log);
      const firstIndex = next.get(log) ?? nextIndex;
      next.set(log, firstIndex + records.count);
      return { log, firstIndex, arrivalMs };
    });
  }

  /** Stages the row changes that `change` makes; none of them when it throws. */
  changeRows<Result>(change: (transaction: Transaction) => Result): Result {
    const overlay = new Overlay(this.rows);
    const transaction = transactionOver(overlay);
    try {
      const result = change(transaction);
      for (const [table, key, row] of overlay.changes()) this.rows.set(table, key, row);
      for (const [key, value] of overlay.diskRows) this.rows.diskRows.set(key, value);
      this.rows.bytes += overlay.bytes;
      return result;
    } finally {
      transaction.end();
    }
  }

  append(log: LogId, records: PackedRecords): Appended {
    assert(records.bytes.length >= records.count * LENGTH_BYTES, 'records without their lengths');
    const staged = this.#staged(log);
    const appended = { log, firstIndex: staged.nextIndex, arrivalMs: staged.arrivalMs };
    if (records.count === 0) return appended;
    if (staged.appended === undefined) {
      staged.appended = { ...appended, batches: [] };
      this.#appends.push(staged.appended);
    }
    staged.appended.batches.push(records);
    staged.nextIndex += records.count;
    this.payloadBytes += records.bytes.length;
    return appended;
  }

  /** Trims to the tail at most. */
  trim(log: LogId, before: number): void {
    const staged = this.#staged(log);
    const point = Math.min(before, staged.nextIndex);
    if (staged.dropped || point <= staged.firstIndex) return;
    staged.firstIndex = point;
    this.#entries.push({ kind: 'trim', log, before: point });
  }

  /** Returns the final tail. */
  seal(log: LogId): number {
    const staged = this.#staged(log);
    if (!staged.sealed && !staged.dropped) this.#entries.push({ kind: 'seal', log });
    staged.sealed = true;
    return staged.nextIndex;
  }

  drop(log: LogId): void {
    const staged = this.#staged(log);
    if (!staged.dropped) this.#entries.push({ kind: 'drop', log, until: log + 1 });
    staged.dropped = true;
  }

  takeNumbers(count: number): LogId[] {
    const first = this.#nextLog;
    this.#nextLog += count;
    this.#entries.push({ kind: 'numbers', nextLog: this.#nextLog });
    return Array.from({ length: count }, (_, n) => first + n);
  }

  /**
   * Adds and removes table files; `flushed` tells what the new ones hold. Several changes in a frame become one entry.
   */
  changeTables(
    gone: readonly number[],
    came: readonly TableFile[],
    flushed: { readonly commit: number; readonly segment: number } | undefined,
  ): void {
    const { levels, flushedCommit, firstSegment } = this.state.rows;
    const before = this.#tables ?? { levels, commit: flushedCommit, segment: firstSegment };
    this.#tables = { ...before, ...flushed, levels: before.levels.change(gone, came) };
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Chunks come first, so that a seal, trim or drop in the same frame applies to the records before it. */
  finish(): { entries: Entry[]; payload: Uint8Array[]; batches: { log: LogId; batch: RecordBatch }[] } {
    const entries: Entry[] = [];
    const payload: Uint8Array[] = [];
    const batches: { log: LogId; batch: RecordBatch }[] = [];
    for (const appends of this.#appends) {
      const { log, arrivalMs } = appends;
      let { firstIndex } = appends;
      let [bytesOfRuns, bytesOfPieces] = [0, 0];
      for (const piece of joinSmall(appends.batches)) {
        payload.push(piece.bytes);
        const { bytes, count } = piece;
        batches.push({ log, batch: { bytes, count, firstIndex, arrivalMs } });
        for (const run of piece.runs ?? runsOf(piece, this.#chunkBytesMax)) {
          entries.push({ kind: 'chunk', log, firstIndex, arrivalMs, ...run });
          firstIndex += run.count;
          bytesOfRuns += run.bytes;
        }
        bytesOfPieces += bytes.length;
      }
      assert.equal(
        firstIndex,
        this.#staged(log).nextIndex,
        'the runs of a chunk do not add up to its records',
      );
      assert.equal(bytesOfRuns, bytesOfPieces, 'the runs of a chunk do not add up to its bytes');
    }
    entries.push(...this.#entries);
    const changes = [...this.rows.changes()];
    if (changes.length > 0) entries.push({ kind: 'catalog', changes, bytes: this.rows.bytes });
    if (this.#tables !== undefined) {
      const { levels, commit, segment } = this.#tables;
      entries.push({ kind: 'tables', files: levels.files(), commit, segment });
    }
    const { diskRows } = this.rows;
    if (diskRows.size > 0) entries.push({ kind: 'rows', changes: encodeRowChanges(diskRows) });
    return { entries, payload, batches };
  }

  #staged(id: LogId): StagedLog {
    let staged = this.#logs.get(id);
    if (staged === undefined) {
      const log = this.state.logs.get(id);
      staged = {
        nextIndex: log?.nextIndex ?? 0,
        firstIndex: log?.firstIndex ?? 0,
        sealed: log?.sealed ?? false,
        dropped: this.state.dropped.has(id),
        // Never decreases within a log, whatever the clock does.
        arrivalMs: Math.max(this.nowMs, log?.lastArrivalMs ?? 0),
        appended: undefined,
      };
      this.#logs.set(id, staged);
    }
    return staged;
  }
}

/**
 * Joins small neighbours: each piece costs a system call. Large ones are not copied. Small ones are copied to memory of
 * their own, because readers keep them, and would keep alive whatever shares their memory.
 */
function joinSmall(batches: readonly PackedRecords[]): PackedRecords[] {
  const joined: PackedRecords[] = [];
  let small: PackedRecords[] = [];
  let smallBytes = 0;
  const flush = (): void => {
    if (small.length > 0) joined.push(join(small, smallBytes));
    small = [];
    smallBytes = 0;
  };
  for (const batch of batches) {
    if (batch.bytes.length >= SMALL_BYTES || smallBytes >= SMALL_BYTES) flush();
    if (batch.bytes.length >= SMALL_BYTES) joined.push(batch);
    else {
      small.push(batch);
      smallBytes += batch.bytes.length;
    }
  }
  flush();
  return joined;
}

const SLAB_BYTES = 64 * 1024;
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** `bytes` are below twice SMALL_BYTES. */
function join(batches: readonly PackedRecords[], bytes: number): PackedRecords {
  if (slabUsed + bytes > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  const into = slab.subarray(slabUsed, slabUsed + bytes);
  slabUsed += bytes;
  let at = 0;
  let count = 0;
  for (const batch of batches) {
    into.set(batch.bytes, at);
    at += batch.bytes.length;
    count += batch.count;
  }
  return { count, bytes: into };
}
