import assert from 'node:assert/strict';
import { cloudWatchLimits } from '../limits.ts';
import type { Engine, IdempotencyKey, LogId } from '../../../engine/engine.ts';
import type { Table } from '../../../engine/catalog.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { TransitionLog } from '../../../support/transition-log.ts';
import { metricLimitExceeded } from '../errors.ts';
import { metricKey, type MetricName } from './metric-identity.ts';
import { blocksOf, packed, recordsOf } from './metric-blocks.ts';
import { decodePage, encodeEntries, encodeMoved, type JournalEntry } from './metric-records.ts';
import type { StatisticSet } from './statistic-set.ts';
import { sweep } from './metric-sweep.ts';
import { type Datapoint, type MetricQuery, type MetricReads, queryMetric } from './metric-query.ts';
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

export type StoreRow = Readonly<{ journal: LogId; sweptMs: number }>;

interface PendingSamples {
  readonly samples: readonly MetricSample[];
  readonly idempotencyKey: IdempotencyKey | undefined;
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
export class MetricStore implements MetricReads {
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
  readonly #ending = new AbortController();
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

  /** It always has all samples that are durable. */
  upToDate(): Promise<void> {
    return Promise.resolve();
  }

  lastSampleMs(key: string): number {
    return this.#recent.lastSampleMs(key);
  }

  /** Calls back with the metrics that got samples, once these are durable. The returned function unsubscribes. */
  onSamples(listener: (keys: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the samples are durable and visible to queries. A repeat with the same key adds nothing. */
  add(samples: readonly MetricSample[], idempotencyKey?: IdempotencyKey): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ samples, idempotencyKey, resolve, reject });
      if (!this.#isWriting) this.#writing = this.#write();
    });
  }

  async query(query: MetricQuery): Promise<Datapoint[]> {
    // Memory and the ends of the blocks are read together, with no move in between.
    while (this.#moving !== undefined) await this.#moving;
    const row = this.#rows.get(query.key);
    const read = { engine: this.#engine, row, recent: this.#recent.get(query.key), nowMs: this.#clock.now() };
    return await queryMetric(read, query);
  }

  /** From now on nothing is moved, because the journal has all samples; a move in progress ends in between. */
  stopMoving(): void {
    this.#ending.abort();
  }

  /** Waits for work in progress. */
  async close(): Promise<void> {
    this.stopMoving();
    await this.#writing;
  }

  /** Samples that are added during a write form the next page. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      await this.#writeWaiting();
      if (!this.#ending.signal.aborted && this.#isMoveDue()) await this.#tryMove();
    }
    this.#isWriting = false;
  }

  async #writeWaiting(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    try {
      await this.#register(waiting.flatMap(({ samples }) => samples));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      return;
    }
    // What can be repeated has a page of its own.
    const { together = [], alone = [] } = Object.groupBy(waiting, ({ idempotencyKey }) =>
      idempotencyKey === undefined ? 'together' : 'alone',
    );
    await Promise.all([together, ...alone.map((one) => [one])].map((page) => this.#writePage(page)));
  }

  async #writePage(page: readonly PendingSamples[]): Promise<void> {
    try {
      await this.#append(
        page.flatMap(({ samples }) => samples),
        page[0]?.idempotencyKey,
      );
      for (const { resolve } of page) resolve();
    } catch (error) {
      for (const { reject } of page) reject(error);
    }
  }

  async #append(samples: readonly MetricSample[], idempotencyKey: IdempotencyKey | undefined): Promise<void> {
    if (samples.length === 0) return;
    const entries = samples.map((sample) => this.#entryOf(sample));
    const page = encodeEntries(entries);
    const batches = [{ log: this.#journal, records: packed(page) }];
    const request = { batches, ...(idempotencyKey !== undefined && { idempotencyKey }) };
    if ((await this.#engine.append(request)).repeated) return;
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
      // The rest of the journal is needed, and is moved after the next start.
      if (this.#ending.signal.aborted) return;
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
    for (const { key } of moved) this.#recent.forget(key);
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
    await sweep(this.#engine, this.#rows, this.#recent, nowMs, this.#ending.signal);
    if (this.#ending.signal.aborted) return;
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
      this.#recent.replay(decodePage(page), (series) => keys.get(series));
    }
  }
}

/** A sample with its metric's key. */
export function sampleOf(metric: MetricName, sample: Omit<MetricSample, 'metric' | 'key'>): MetricSample {
  return { metric, key: metricKey(metric), ...sample };
}
