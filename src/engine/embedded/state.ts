import assert from 'node:assert/strict';
import type { LogId } from '../engine.ts';
import { ChunkIndex } from './format/chunk-index.ts';
import { segmentKey, type Entry, type SegmentName, type SharedEntry } from './format/entries.ts';
import { bytesOf } from './format/footer.ts';
import { IdRanges } from './format/id-ranges.ts';
import { LogState } from './log-state.ts';
import { MemoryTables } from './memory-tables.ts';
import type { SealedSegment } from './read/sealed-segment.ts';
import { RowStore } from './tables/row-store.ts';
import { KeyPlaces } from './write/idempotency-table.ts';

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
  /** How far this is in the shared log; undefined without one. */
  shared: SharedEntry | undefined;
  nextLog: LogId = 1;
  commit = 0;
  active: ActiveIndexes = emptyIndexes(0);
  readonly #copyNow: (() => number) | undefined;

  /** With `copyNow`, the state is a copy: the clock of the machine that stored a key is not this one's. */
  constructor(copyNow?: () => number) {
    this.#copyNow = copyNow;
  }

  /** Whether a key of this segment was learned by a copy less than so long ago, whatever time it was stored at. */
  hasRecentKeys(segment: number, withinMs: number): boolean {
    if (this.#copyNow === undefined) return false;
    const isActive = segment === this.active.number;
    const newestMs = isActive ? this.active.keys.newestMs : this.sealed.get(segment)?.newestKeyMs;
    return this.#copyNow() - (newestMs ?? 0) < withinMs;
  }

  apply(
    entries: readonly Entry[],
    frame: { readonly position: number; readonly payloadAt: number; readonly commit: number },
  ): void {
    let offset = frame.payloadAt;
    const keyMs = this.#copyNow?.();
    for (const entry of entries) {
      this.#applyOne(entry, frame, offset, keyMs);
      if (entry.kind === 'chunk') offset += entry.bytes;
    }
    this.rows.watch.tell();
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
    keyMs: number | undefined,
  ): void {
    switch (entry.kind) {
      case 'chunk':
        return this.#applyChunk(entry, offset);
      case 'idempotencyKey':
        return this.active.keys.push(entry.print, position, keyMs ?? entry.storedMs);
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
      case 'shared':
        this.shared = entry;
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
