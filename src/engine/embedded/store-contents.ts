import type { LogId, RecordBatch } from '../engine.ts';
import type { DropEntry, LogEntry, RowChange } from './format/entries.ts';
import type { IdempotencyKeyEntry } from './format/idempotency-key-entry.ts';
import { CATALOG_END, CATALOG_START, fromUtf8, parseCatalogRowKey, type RowKey } from './format/row-key.ts';
import type { LogState } from './log-state.ts';
import type { LogReader } from './read/reader.ts';
import type { Recovered } from './recover/recover.ts';
import type { State } from './state.ts';
import type { RowReader } from './tables/row-reader.ts';
import { rowOf, textOf } from './tables/stored-value.ts';
import type { IdempotencyKeys } from './write/idempotency-keys.ts';
import { KEY_PLACE_BYTES } from './write/idempotency-table.ts';

/** The first key behind the rows of all disk tables. */
const DISK_END: RowKey = 'e';
const ROWS_AT_ONCE = { rows: 1000, bytes: 1024 * 1024 };
const READ_LIMITS = { maxRecords: 100_000, maxBytes: 2 * 1024 * 1024 };

export interface StoreContentsParts {
  readonly recovered: Recovered;
  readonly state: State;
  readonly reader: LogReader;
  readonly rowReader: RowReader;
  readonly keys: IdempotencyKeys;
}

/** Rows of one kind of tables, in their order. */
export type RowsOfTables =
  | { readonly storage: 'catalog'; readonly changes: readonly RowChange[] }
  | {
      readonly storage: 'disk';
      readonly changes: readonly (readonly [table: string, key: RowKey, value: string])[];
    };

/** Everything that a store has, piece by piece, as it was when it was opened: nothing may change it meanwhile. */
export class StoreContents {
  readonly #parts: StoreContentsParts;

  constructor(parts: StoreContentsParts) {
    this.#parts = parts;
  }

  /** No log has this number or a higher one. */
  get nextLog(): LogId {
    return this.#parts.state.nextLog;
  }

  get dropped(): DropEntry[] {
    return [...this.#parts.state.dropped].map(({ from, until }) => ({ kind: 'drop', log: from, until }));
  }

  /** The bounds of all logs, in the order of their numbers. */
  get logs(): LogEntry[] {
    return [...this.#parts.state.logs.values()].map(entryOf).sort((a, b) => a.log - b.log);
  }

  log(id: LogId): LogEntry | undefined {
    const log = this.#parts.state.logs.get(id);
    return log && entryOf(log);
  }

  /** About the size of all records. */
  get recordBytes(): number {
    const { state } = this.#parts;
    let bytes = 0;
    for (const { liveBytes } of state.sealed.values()) bytes += liveBytes;
    for (const index of state.active.indexes.values()) bytes += index.bytesFrom(0);
    return bytes;
  }

  /** Records that `nagare repair` could not recover come as batches without bytes. Throws DamagedRecordsError. */
  async *records(id: LogId, from: number): AsyncGenerator<RecordBatch, void, undefined> {
    const { reader, state } = this.#parts;
    const log = state.logs.get(id);
    if (log === undefined) return;
    for (let at = from; at < log.nextIndex;) {
      const batches = await reader.read(log, at, READ_LIMITS);
      if (batches.length === 0) return;
      yield* batches;
      at = Math.max(...batches.map(({ firstIndex, count }) => firstIndex + count));
    }
  }

  async *rows(): AsyncGenerator<RowsOfTables, void, undefined> {
    for await (const run of this.#runs(CATALOG_START, CATALOG_END)) {
      const changes = run.map(([rowKey, value]) => {
        const { table, key } = parseCatalogRowKey(rowKey);
        return [table, key, rowOf(value)] as const;
      });
      yield { storage: 'catalog', changes };
    }
    for await (const run of this.#runs(CATALOG_END, DISK_END)) {
      const changes = run.map(
        ([rowKey, value]) =>
          [fromUtf8(rowKey.slice(1, rowKey.indexOf('\0'))), rowKey, textOf(value)] as const,
      );
      yield { storage: 'disk', changes };
    }
  }

  /** Idempotency keys that a client may still repeat. */
  async *idempotencyKeys(): AsyncGenerator<IdempotencyKeyEntry, void, undefined> {
    const { recovered, state, keys } = this.#parts;
    const ofActive = { segment: state.active.number, places: state.active.keys.toBytes() };
    for (const { segment, places } of [...recovered.keys, ofActive]) {
      const positions = new Set<number>();
      for (let at = 0; at < places.length; at += KEY_PLACE_BYTES) positions.add(places.readUInt32LE(at + 8));
      for (const position of positions) yield* await keys.recentAt({ segment, position });
    }
  }

  async *#runs(from: RowKey, before: RowKey) {
    for (let next: RowKey | undefined = from; next !== undefined;) {
      const run = await this.#parts.rowReader.run({ from: next, before }, ROWS_AT_ONCE);
      if (run.rows.length > 0) yield run.rows;
      next = run.next;
    }
  }
}

function entryOf({ id, firstIndex, nextIndex, lastArrivalMs, sealed }: LogState): LogEntry {
  return { kind: 'log', log: id, firstIndex, nextIndex, lastArrivalMs, sealed };
}
