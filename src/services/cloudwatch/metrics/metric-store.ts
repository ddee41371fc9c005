import assert from 'node:assert/strict';
import { cloudWatchLimits } from '../limits.ts';
import type { Engine, LogId } from '../../../engine/engine.ts';
import type { Table } from '../../../engine/catalog.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { TransitionLog } from '../../../support/transition-log.ts';
import { metricLimitExceeded } from '../errors.ts';
import { metricKey, type MetricName } from './metric-identity.ts';
import { blocksOf, packed, recordsOf } from './metric-blocks.ts';
import {
  decodePage,
  encodeEntries,
  encodeMoved,
  type JournalEntry,
  type JournalPage,
} from './metric-records.ts';
import type { StatisticSet } from './statistic-set.ts';
import { sweep } from './metric-sweep.ts';
import { type Datapoint, type MetricQuery, queryMetric } from './metric-query.ts';
import { type MetricRow, RecentSeries, type Series } from './series.ts';
import { tiers } from './tiers.ts';
import { unitCode } from './units.ts';

/** Samples of one metric at one time. */
export interface MetricSample {
  readonly metric: MetricName;
  readonly key: string;
  readonly timeMs: number;
  readonly unit: string;
  readonly set: Readonly<StatisticSet>;
  /** Also kept at a resolution of one second, for three hours. */
  readonly highResolution: boolean;
}

type StoreRow = Readonly<{ journal: LogId; sweptMs: number }>;

interface PendingSamples {
  readonly samples: readonly MetricSample[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A metric's row is updated when its newest sample is this much newer than the row says. */
const LAST_SEEN_STEP_MS = 10 * 60_000;

/**
 * Stores metrics durably. Samples are appended to one journal and aggregated by the minute in memory. Every hour (or
 * when there are too many) they move to blocks in the metrics' own logs, one log for each tier. A move is one commit
 * with an entry in the journal, so that no sample counts twice.
 */
export class MetricStore {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #rows: Table<MetricRow>;
  readonly #store: Table<StoreRow>;
  readonly #recent: RecentSeries;
  readonly #listeners = new Set<(keys: ReadonlySet<string>) => void>();
  readonly #reported = new TransitionLog();
  #journal: LogId = 0;
  #waiting: PendingSamples[] = [];
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  #moving: Promise<void> | undefined;
  #movedMs: number;
  #journalBytes = 0;

  private constructor(engine: Engine, clock: Clock, log: Log) {
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
    this.#rows = engine.catalog.table('cloudwatch.metrics');
    this.#recent = new RecentSeries(this.#rows);
    this.#store = engine.catalog.table('cloudwatch.store');
    this.#movedMs = clock.now();
  }

  static async open(engine: Engine, clock: Clock, log: Log): Promise<MetricStore> {
    const store = new MetricStore(engine, clock, log);
    await store.#recover();
    return store;
  }

  get rows(): Table<MetricRow> {
    return this.#rows;
  }

  /** When the metric got its newest sample, as far as it is known. */
  lastSampleMs(key: string): number {
    return Math.max(this.#recent.get(key)?.lastMs ?? 0, this.#rows.get(key)?.lastMs ?? 0);
  }

  /** Calls back with the metrics that got samples, once these are durable. The returned function unsubscribes. */
  onSamples(listener: (keys: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the samples are durable and visible to queries. */
  add(samples: readonly MetricSample[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ samples, resolve, reject });
      if (!this.#isWriting) this.#writing = this.#write();
    });
  }

  /** Returns the periods with samples from start up to, not including, end, ordered by start and unit. */
  async query(query: MetricQuery): Promise<Datapoint[]> {
    // Memory and the ends of the blocks are read together, with no move in between.
    while (this.#moving !== undefined) await this.#moving;
    const row = this.#rows.get(query.key);
    const read = { engine: this.#engine, row, recent: this.#recent.get(query.key), nowMs: this.#clock.now() };
    return await queryMetric(read, query);
  }

  /** Waits for work in progress. Nothing is moved: the journal has all samples. */
  async close(): Promise<void> {
    await this.#writing;
  }

  /** Samples that are added during a write form the next page. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      await this.#writeWaiting();
      if (this.#isMoveDue()) await this.#tryMove();
    }
    this.#isWriting = false;
  }

  async #writeWaiting(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    try {
      await this.#append(waiting.flatMap(({ samples }) => samples));
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  async #append(samples: readonly MetricSample[]): Promise<void> {
    if (samples.length === 0) return;
    await this.#register(samples);
    const entries = samples.map((sample) => this.#entryOf(sample));
    const page = encodeEntries(entries);
    await this.#engine.append({ batches: [{ log: this.#journal, records: packed(page) }] });
    this.#journalBytes += page.length;
    const keys = new Set<string>();
    for (const [index, { key }] of samples.entries()) {
      const entry = entries[index];
      assert(entry !== undefined, 'each sample has its entry');
      this.#recent.add(key, entry);
      keys.add(key);
    }
    for (const listener of this.#listeners) listener(keys);
  }

  #entryOf({ key, timeMs, unit, set, highResolution }: MetricSample): JournalEntry {
    const row = this.#recent.get(key)?.row ?? this.#rows.get(key);
    assert(row !== undefined, 'a registered metric has a row');
    const seconds = Math.floor(timeMs / 1000);
    const beginSeconds = highResolution ? seconds : seconds - (seconds % 60);
    return { series: row.logs.minute, highResolution, beginSeconds, unit: unitCode(unit), set };
  }

  /** Creates logs and rows for new metrics. */
  async #register(samples: readonly MetricSample[]): Promise<void> {
    const fresh = new Map<string, MetricName>();
    for (const { key, metric } of samples) {
      if (!this.#recent.has(key) && this.#rows.get(key) === undefined) fresh.set(key, metric);
    }
    if (fresh.size === 0) return;
    if (this.#rows.size + fresh.size > cloudWatchLimits.metricsMax)
      throw metricLimitExceeded(cloudWatchLimits.metricsMax);
    const logs = (await this.#engine.createLogs(fresh.size * tiers.length)).values();
    const take = (): LogId => {
      const { value } = logs.next();
      if (value === undefined) throw new Error('the engine created too few logs');
      return value;
    };
    await this.#engine.catalog.commit((transaction) => {
      for (const [key, { namespace, name, dimensions }] of fresh) {
        transaction.put(this.#rows, key, {
          namespace,
          name,
          dimensions: [...dimensions],
          logs: { second: take(), minute: take(), fiveMinutes: take(), hour: take() },
          lastMs: 0,
        });
      }
    });
  }

  #isMoveDue(): boolean {
    return (
      this.#recent.size > 0 &&
      (this.#clock.now() - this.#movedMs >= cloudWatchLimits.metricFlushIntervalMs ||
        this.#journalBytes >= cloudWatchLimits.metricJournalBytesMax ||
        this.#recent.buckets >= cloudWatchLimits.metricBucketsInMemoryMax)
    );
  }

  /** After a failed move the samples stay in the journal; the next write tries again. */
  async #tryMove(): Promise<void> {
    try {
      await this.#move();
      this.#reported.cleared();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#reported.changed(reason)) return;
      this.#log.error(
        { err: error },
        'metrics could not be moved from the journal to their logs; trying again',
      );
    }
  }

  /** Moves a few series at a time; new samples are written in between, so that no one waits for the whole move. */
  async #move(): Promise<void> {
    const { nextIndex } = this.#engine.bounds(this.#journal);
    const journalBytes = this.#journalBytes;
    const all = this.#recent.all();
    for (let first = 0; first < all.length; first += cloudWatchLimits.metricsMovedAtOnce) {
      this.#moving = this.#moveSome(all.slice(first, first + cloudWatchLimits.metricsMovedAtOnce));
      try {
        await this.#moving;
      } finally {
        this.#moving = undefined;
      }
      await this.#writeWaiting();
    }
    this.#movedMs = this.#clock.now();
    this.#journalBytes -= journalBytes;
    await this.#engine.trim(this.#journal, nextIndex);
    await this.#sweepWhenDue();
  }

  async #moveSome(moved: readonly Series[]): Promise<void> {
    const batches = moved.flatMap(blocksOf);
    const word = encodeMoved(moved.map(({ row }) => row.logs.minute));
    batches.push({ log: this.#journal, records: packed(word) });
    await this.#engine.append({ batches });
    for (const series of moved) this.#recent.forget(series);
    const seen = moved.filter(({ row, lastMs }) => lastMs >= row.lastMs + LAST_SEEN_STEP_MS);
    if (seen.length === 0) return;
    await this.#engine.catalog.commit((transaction) => {
      for (const { key, row, lastMs } of seen) transaction.put(this.#rows, key, { ...row, lastMs });
    });
  }

  async #sweepWhenDue(): Promise<void> {
    const nowMs = this.#clock.now();
    const row = this.#store.get('store');
    if (row === undefined || nowMs - row.sweptMs < cloudWatchLimits.metricSweepIntervalMs) return;
    await sweep(this.#engine, this.#rows, nowMs);
    await this.#engine.catalog.commit((transaction) => {
      transaction.put(this.#store, 'store', { ...row, sweptMs: nowMs });
    });
  }

  async #recover(): Promise<void> {
    const row = this.#store.get('store');
    if (row === undefined) {
      const [journal] = await this.#engine.createLogs(1);
      if (journal === undefined) throw new Error('the engine created no log');
      this.#journal = journal;
      const sweptMs = this.#clock.now();
      await this.#engine.catalog.commit((transaction) => {
        transaction.put(this.#store, 'store', { journal, sweptMs });
      });
      return;
    }
    this.#journal = row.journal;
    await this.#replay();
  }

  async #replay(): Promise<void> {
    const keys = new Map<number, string>();
    for (const [key, { logs }] of this.#rows.entries()) keys.set(logs.minute, key);
    const { firstIndex, nextIndex } = this.#engine.bounds(this.#journal);
    for await (const page of recordsOf(this.#engine, this.#journal, firstIndex, nextIndex)) {
      this.#journalBytes += page.length;
      this.#replayPage(decodePage(page), keys);
    }
  }

  /** Skips entries of metrics that have been removed since. */
  #replayPage(page: JournalPage, keys: ReadonlyMap<number, string>): void {
    switch (page.kind) {
      case 'moved':
        for (const number of page.series) {
          const series = this.#recent.get(keys.get(number) ?? '');
          if (series !== undefined) this.#recent.forget(series);
        }
        return;
      case 'entries':
        for (const entry of page.entries) {
          const key = keys.get(entry.series);
          if (key !== undefined) this.#recent.add(key, entry);
        }
    }
  }
}

/** A sample with its metric's key. */
export function sampleOf(metric: MetricName, sample: Omit<MetricSample, 'metric' | 'key'>): MetricSample {
  return { metric, key: metricKey(metric), ...sample };
}
