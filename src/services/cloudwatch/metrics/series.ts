import assert from 'node:assert/strict';
import type { Table } from '../../../engine/catalog.ts';
import type { LogId } from '../../../engine/engine.ts';
import { TimeBuckets } from './time-buckets.ts';
import type { Dimension, MetricName } from './metric-identity.ts';
import type { JournalEntry, JournalPage } from './metric-records.ts';
import type { TierName } from './tiers.ts';

/** A metric's row in the catalog. */
export interface MetricRow extends MetricName {
  readonly dimensions: Dimension[];
  /** One log for each tier; a log that is never written costs nothing. */
  readonly logs: Readonly<Record<TierName, LogId>>;
  /** The time of the newest sample that has moved to blocks, within some minutes. */
  readonly lastMs: number;
}

/** A metric's samples that have not moved to blocks yet: in memory and in the journal. */
export class Series {
  readonly key: string;
  readonly row: MetricRow;
  readonly seconds = new TimeBuckets();
  readonly minutes = new TimeBuckets();
  lastMs = 0;

  constructor(key: string, row: MetricRow) {
    this.key = key;
    this.row = row;
  }

  /** The number of buckets. */
  get size(): number {
    return this.seconds.size + this.minutes.size;
  }

  add({ beginSeconds, unit, set, highResolution }: JournalEntry): void {
    if (highResolution) this.seconds.add(beginSeconds, unit, set);
    this.minutes.add(beginSeconds - (beginSeconds % 60), unit, set);
    this.lastMs = Math.max(this.lastMs, beginSeconds * 1000);
  }
}

/** The series of all metrics with samples that have not moved to blocks yet. */
export class RecentSeries {
  readonly #rows: Table<MetricRow>;
  readonly #series = new Map<string, Series>();
  #buckets = 0;

  constructor(rows: Table<MetricRow>) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#series.size;
  }

  /** The number of buckets in all series. */
  get buckets(): number {
    return this.#buckets;
  }

  has(key: string): boolean {
    return this.#series.has(key);
  }

  get(key: string): Series | undefined {
    return this.#series.get(key);
  }

  /** When the metric got its newest sample, as far as it is known. */
  lastSampleMs(key: string): number {
    return Math.max(this.#series.get(key)?.lastMs ?? 0, this.#rows.get(key)?.lastMs ?? 0);
  }

  all(): Series[] {
    return [...this.#series.values()];
  }

  add(key: string, entry: JournalEntry): void {
    let series = this.#series.get(key);
    if (series === undefined) {
      const row = this.#rows.get(key);
      assert(row !== undefined, 'a metric with samples has a row');
      series = new Series(key, row);
      this.#series.set(key, series);
    }
    const before = series.size;
    series.add(entry);
    this.#buckets += series.size - before;
  }

  /** Applies a page of the journal. Skips entries of metrics that have been removed since: `keyOf` has no key for them. */
  replay(page: JournalPage, keyOf: (series: number) => string | undefined): void {
    switch (page.kind) {
      case 'moved':
        for (const number of page.series) {
          this.forget(keyOf(number) ?? '');
        }
        return;
      case 'entries':
        for (const entry of page.entries) {
          const key = keyOf(entry.series);
          if (key !== undefined) this.add(key, entry);
        }
    }
  }

  /** Forgets a series whose samples have moved to blocks. */
  forget(key: string): void {
    this.#buckets -= this.#series.get(key)?.size ?? 0;
    this.#series.delete(key);
  }

  clear(): void {
    this.#series.clear();
    this.#buckets = 0;
  }
}
