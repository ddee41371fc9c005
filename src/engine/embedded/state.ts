import assert from 'node:assert/strict';
import type { LogId } from '../engine.ts';
import { ChunkIndex } from './format/chunk-index.ts';
import { segmentKey, type Entry, type SegmentName } from './format/entries.ts';
import { bytesOf } from './format/footer.ts';
import { IdRanges } from './format/id-ranges.ts';
import { LogState } from './log-state.ts';
import { MemoryTables } from './memory-tables.ts';
import type { SealedSegment } from './read/sealed-segment.ts';
import { RowStore } from './tables/row-store.ts';
import { fingerprint, KeyPlaces } from './write/idempotency-table.ts';

/** The state that belongs to the current segment. */
export interface ActiveIndexes {
  readonly number: number;
  readonly indexes: Map<LogId, ChunkIndex>;
  readonly keys: KeyPlaces;
}

export function emptyIndexes(number: number): ActiveIndexes {
  return { number, indexes: new Map(), keys: new KeyPlaces() };
}

/**
 * The complete durable state. Only `apply` changes it, in recovery as in operation: a restart finds exactly what
 * readers saw.
 */
export class State {
  readonly logs = new Map<LogId, LogState>();
  /** The catalog. */
  readonly tables = new MemoryTables();
  /** The rows of the catalog and of disk tables, as stored. */
  readonly rows = new RowStore();
  /** Dropped logs: a late append must not create them again. */
  readonly dropped = new IdRanges();
  readonly sealed = new Map<number, SealedSegment>();
  /** The sealed segments of the store, keyed by `number-revision`. */
  readonly live = new Map<string, SegmentName>();
  nextLog: LogId = 1;
  commit = 0;
  active: ActiveIndexes = emptyIndexes(0);

  apply(
    entries: readonly Entry[],
    frame: { readonly position: number; readonly payloadAt: number; readonly commit: number },
  ): void {
    let offset = frame.payloadAt;
    for (const entry of entries) {
      this.#applyOne(entry, frame, offset);
      if (entry.kind === 'chunk') offset += entry.bytes;
    }
  }

  log(id: LogId): LogState {
    let log = this.logs.get(id);
    if (log === undefined) {
      this.logs.set(id, (log = new LogState(id)));
      this.nextLog = Math.max(this.nextLog, id + 1);
    }
    return log;
  }

  #applyOne(
    entry: Entry,
    { position, commit }: { readonly position: number; readonly commit: number },
    offset: number,
  ): void {
    switch (entry.kind) {
      case 'chunk':
        return this.#applyChunk(entry, offset);
      case 'idempotencyKey':
        return this.active.keys.push(fingerprint(entry.id, entry.digest), position, entry.storedMs);
      case 'trim':
        return this.#trim(this.log(entry.log), entry.before);
      case 'seal':
        this.log(entry.log).sealed = true;
        return this.log(entry.log).wake(true);
      case 'drop':
        this.dropped.add(entry.log, entry.until);
        // Only a checkpoint drops several logs at once, before any log exists.
        return this.#forget(entry.log);
      case 'numbers':
        this.nextLog = Math.max(this.nextLog, entry.nextLog);
        return;
      case 'catalog':
        // During recovery the catalog is loaded after all changes have been read.
        if (!this.rows.isReplaying) this.tables.apply(entry.changes);
        return this.rows.applyRows(entry, commit);
      case 'rows':
        return this.rows.applyRows(entry, commit);
      case 'tables':
        return this.rows.applyTables(entry);
      case 'segments':
        for (const name of entry.gone) this.live.delete(segmentKey(name));
        for (const name of entry.came) this.live.set(segmentKey(name), name);
        return;
      case 'log': {
        const log = this.log(entry.log);
        log.firstIndex = entry.firstIndex;
        log.nextIndex = entry.nextIndex;
        log.lastArrivalMs = entry.lastArrivalMs;
        log.sealed = entry.sealed;
      }
    }
  }

  #applyChunk(entry: Entry & { kind: 'chunk' }, offset: number): void {
    const log = this.log(entry.log);
    let index = this.active.indexes.get(entry.log);
    if (index === undefined) this.active.indexes.set(entry.log, (index = new ChunkIndex(entry.firstIndex)));
    index.push({ ...entry, offset });
    // After a repair, records between them may be missing.
    assert(entry.firstIndex >= log.nextIndex, 'records that the log already has');
    assert(entry.arrivalMs >= log.lastArrivalMs, 'records with an arrival before that of their predecessors');
    log.nextIndex = entry.firstIndex + entry.count;
    log.lastArrivalMs = entry.arrivalMs;
    log.wake();
  }

  #trim(log: LogState, before: number): void {
    if (before <= log.firstIndex) return;
    log.firstIndex = before;
    let gone = 0;
    for (const span of log.spans) {
      if (span.nextIndex > before) break;
      span.segment.liveBytes -= bytesOf(span);
      gone++;
    }
    if (gone > 0) log.spans.splice(0, gone);
  }

  #forget(id: LogId): void {
    const log = this.logs.get(id);
    if (log === undefined) return;
    for (const span of log.spans) span.segment.liveBytes -= bytesOf(span);
    this.logs.delete(id);
    this.active.indexes.delete(id);
    // For readers that still hold it: no records are left.
    log.firstIndex = log.nextIndex;
    log.spans = [];
    log.wake(true);
  }
}
