import type { Table } from '../../../engine/catalog.ts';
import type { Engine, LogId, RecordBatch } from '../../../engine/engine.ts';
import type { ChangedRow, WatchRows } from '../../../engine/watch-rows.ts';
import type { Clock } from '../../../support/clock.ts';
import { payloads, READ_BYTES } from './metric-blocks.ts';
import { type Datapoint, type MetricQuery, type MetricReads, queryMetric } from './metric-query.ts';
import { decodePage } from './metric-records.ts';
import type { StoreRow } from './metric-store.ts';
import { type MetricRow, RecentSeries } from './series.ts';

/** The metrics of a machine that follows the owner: it reads in the owner's journal what was added since the last query. */
export class MetricCopy implements MetricReads {
  readonly rows: Table<MetricRow>;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #store: Table<StoreRow>;
  readonly #recent: RecentSeries;
  readonly #unwatch: () => void;
  /** The metrics by their numbers in the journal; undefined when one was removed. */
  #keys: Map<number, string> | undefined;
  /** Everything in the journal before this index is in `#recent`, or has moved to blocks. */
  #next = 0;
  #following: Promise<void> | undefined;

  constructor(engine: Engine, clock: Clock, watch: WatchRows) {
    this.#engine = engine;
    this.#clock = clock;
    this.rows = engine.catalog.table('cloudwatch.metrics');
    this.#store = engine.catalog.table('cloudwatch.store');
    this.#recent = new RecentSeries(this.rows);
    this.#unwatch = watch([this.rows.name], (changed) => this.#rowsChanged(changed));
  }

  async upToDate(): Promise<void> {
    while (!this.#isUpToDate()) {
      this.#following ??= this.#follow().finally(() => {
        this.#following = undefined;
      });
      await this.#following;
    }
  }

  lastSampleMs(key: string): number {
    return this.#recent.lastSampleMs(key);
  }

  async query(query: MetricQuery): Promise<Datapoint[]> {
    // Memory and the ends of the blocks are read together, with no move in between.
    while (!this.#isUpToDate()) await this.upToDate();
    const row = this.rows.get(query.key);
    const read = { engine: this.#engine, row, recent: this.#recent.get(query.key), nowMs: this.#clock.now() };
    return await queryMetric(read, query);
  }

  close(): void {
    this.#unwatch();
  }

  /** Before the owner has stored the first sample there is no journal. */
  get #journal(): LogId | undefined {
    return this.#store.get('store')?.journal;
  }

  #isUpToDate(): boolean {
    return this.#journal === undefined || this.#engine.bounds(this.#journal).nextIndex === this.#next;
  }

  async #follow(): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined) return;
    const maxRecords = this.#engine.bounds(journal).nextIndex - this.#next;
    const batches = await this.#engine.read(journal, this.#next, { maxRecords, maxBytes: READ_BYTES });
    for (const batch of batches) this.#apply(batch);
    if (batches.length === 0) this.#skipTo(this.#engine.bounds(journal).firstIndex);
  }

  /** What the journal does not have any more has moved to blocks, all of it. */
  #skipTo(firstIndex: number): void {
    if (firstIndex > this.#next) this.#recent.clear();
    this.#next = firstIndex;
  }

  #apply(batch: RecordBatch): void {
    this.#skipTo(batch.firstIndex);
    const keys = (this.#keys ??= this.#keysByNumber());
    for (const page of payloads(batch)) {
      this.#recent.replay(decodePage(page), (series) => {
        const key = keys.get(series);
        // Its name may have another number by now.
        return key !== undefined && this.rows.get(key)?.logs.minute === series ? key : undefined;
      });
    }
    this.#next = batch.firstIndex + batch.count;
  }

  #keysByNumber(): Map<number, string> {
    return new Map(Array.from(this.rows.entries(), ([key, { logs }]) => [logs.minute, key]));
  }

  #rowsChanged(changed: readonly ChangedRow[]): void {
    for (const { key } of changed) {
      const number = this.rows.get(key)?.logs.minute;
      if (this.#recent.get(key)?.row.logs.minute !== number) this.#recent.forget(key);
      if (number === undefined) this.#keys = undefined;
      else this.#keys?.set(number, key);
    }
  }
}
