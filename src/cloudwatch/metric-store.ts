import assert from 'node:assert/strict';
import { limits } from '../limits.ts';
import { RecordPacker, unpack } from '../engine/packed-records.ts';
import type { AppendBatch, Engine, LogId, PackedRecords } from '../engine/engine.ts';
import type { Table } from '../engine/catalog.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { metricLimitExceeded } from './errors.ts';
import { metricKey } from './metric-identity.ts';
import type { Dimension, MetricName } from './metric-identity.ts';
import { Buckets, decodeBlock, decodePage, encodeBlock, encodeEntries, movedPage } from './metric-records.ts';
import type { JournalEntry } from './metric-records.ts';
import type { StatisticSet } from './statistic-set.ts';
import { tierFor, tiers } from './tiers.ts';
import type { TierName } from './tiers.ts';
import { sweep } from './metric-sweep.ts';
import { unitCode, unitName } from './units.ts';

/** What is known of a metric: its row in the catalog. */
export interface MetricRow extends MetricName {
  readonly dimensions: Dimension[];
  /** A log for each tier; one that is never written costs nothing. */
  readonly logs: Readonly<Record<TierName, LogId>>;
  /** Newest sample that has been moved to blocks. */
  readonly lastMs: number;
}

/** Some samples of a metric at a time. */
export interface MetricSample {
  readonly metric: MetricName;
  readonly key: string;
  readonly timeMs: number;
  readonly unit: string;
  readonly set: Readonly<StatisticSet>;
  /** Also kept by the second, for three hours. */
  readonly highResolution: boolean;
}

export interface MetricQuery {
  readonly key: string;
  /** All units, without. */
  readonly unit: string | undefined;
  readonly periodSeconds: number;
  /** Begin of the first period; the others follow it. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface Datapoint {
  readonly beginMs: number;
  readonly unit: string;
  readonly set: StatisticSet;
}

interface StoreRow {
  readonly journal: LogId;
  readonly sweptMs: number;
}

/** Samples since the last move, in memory and in the journal. */
interface Series {
  readonly key: string;
  readonly row: MetricRow;
  readonly seconds: Buckets;
  readonly minutes: Buckets;
  lastMs: number;
}

interface Waiting {
  readonly samples: readonly MetricSample[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

const READ_BYTES = 1024 * 1024;

/**
 * Metrics, durable. Samples of all metrics go into one journal, and are added up by the minute in memory; every
 * hour (or when there are too many) they move from there into blocks in the metrics' own logs, one log a tier. A
 * move is one append, so a sample is in the journal or in the blocks, never in both or none.
 */
export class MetricStore {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #rows: Table<MetricRow>;
  readonly #store: Table<StoreRow>;
  readonly #series = new Map<string, Series>();
  readonly #listeners = new Set<(keys: ReadonlySet<string>) => void>();
  #journal: LogId = 0;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  #moving: Promise<void> | undefined;
  #movedMs: number;
  #journalBytes = 0;
  #buckets = 0;

  private constructor(engine: Engine, clock: Clock, log: Log) {
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
    this.#rows = engine.catalog.table('cloudwatch.metrics');
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

  /** When the metric got its newest sample, as far as known. */
  lastSampleMs(key: string): number {
    return Math.max(this.#series.get(key)?.lastMs ?? 0, this.#rows.get(key)?.lastMs ?? 0);
  }

  /** Calls back with the metrics that got samples, once they are durable; the returned function unsubscribes. */
  onSamples(listener: (keys: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the samples are durable, and seen by queries. */
  add(samples: readonly MetricSample[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ samples, resolve, reject });
      if (!this.#isWriting) this.#writing = this.#write();
    });
  }

  /** Periods with samples between start (included) and end (excluded), by begin, then unit. */
  async query({ key, unit, periodSeconds, startMs, endMs }: MetricQuery): Promise<Datapoint[]> {
    await this.#moving;
    const found = new Buckets();
    const wanted = unit === undefined ? undefined : unitCode(unit);
    const tier = tierFor(periodSeconds, startMs, this.#clock.now());
    const oldestMs = this.#clock.now() - tier.retentionMs;
    const collect = (bucket: { beginSeconds: number; unit: number; set: StatisticSet }): void => {
      const beginMs = bucket.beginSeconds * 1000;
      if (beginMs < startMs || beginMs >= endMs || beginMs < oldestMs) return;
      if (wanted !== undefined && bucket.unit !== wanted) return;
      const periodMs = periodSeconds * 1000;
      const period = startMs + Math.floor((beginMs - startMs) / periodMs) * periodMs;
      found.add(period / 1000, bucket.unit, bucket.set);
    };
    const series = this.#series.get(key);
    if (series !== undefined)
      for (const bucket of tier.seconds < 60 ? series.seconds : series.minutes) collect(bucket);
    const row = this.#rows.get(key);
    if (row !== undefined) await this.#readBlocks(row.logs[tier.name], startMs, collect);
    return [...found]
      .map(({ beginSeconds, unit, set }) => ({ beginMs: beginSeconds * 1000, unit: unitName(unit), set }))
      .sort((a, b) => a.beginMs - b.beginMs || (a.unit < b.unit ? -1 : 1));
  }

  /** Waits for what is under way. Nothing is moved: the journal has it. */
  async close(): Promise<void> {
    await this.#writing;
  }

  /** Blocks carry no order: late samples come in later ones, future ones at most so much earlier. */
  async #readBlocks(
    log: LogId,
    startMs: number,
    collect: (bucket: { beginSeconds: number; unit: number; set: StatisticSet }) => void,
  ): Promise<void> {
    const end = this.#engine.bounds(log).nextIndex;
    if (end === 0) return;
    let next = await this.#engine.locate(log, startMs - limits.metricFutureMs);
    while (next < end) {
      const batches = await this.#engine.read(log, next, { maxRecords: end - next, maxBytes: READ_BYTES });
      if (batches.length === 0) return;
      for (const batch of batches) {
        for (const block of payloads(batch)) for (const bucket of decodeBlock(block)) collect(bucket);
        next = batch.firstIndex + batch.count;
      }
    }
  }

  /** What is added meanwhile is the next page. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(waiting.flatMap(({ samples }) => samples));
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
      if (this.#isMoveDue()) await this.#tryMove();
    }
    this.#isWriting = false;
  }

  async #append(samples: readonly MetricSample[]): Promise<void> {
    if (samples.length === 0) return;
    await this.#register(samples);
    const entries: JournalEntry[] = [];
    for (const sample of samples) {
      const row = this.#rows.get(sample.key);
      assert(row !== undefined, 'a registered metric has a row');
      const seconds = Math.floor(sample.timeMs / 1000);
      entries.push({
        series: row.logs.minute,
        highResolution: sample.highResolution,
        beginSeconds: sample.highResolution ? seconds : seconds - (seconds % 60),
        unit: unitCode(sample.unit),
        set: sample.set,
      });
    }
    const page = encodeEntries(entries);
    await this.#engine.append({ batches: [{ log: this.#journal, records: packed(page) }] });
    this.#journalBytes += page.length;
    const keys = new Set<string>();
    for (const [index, { key }] of samples.entries()) {
      const entry = entries[index];
      assert(entry !== undefined, 'each sample has its entry');
      this.#count(key, entry);
      keys.add(key);
    }
    for (const listener of this.#listeners) listener(keys);
  }

  /** Gives metrics that are new their logs and rows. */
  async #register(samples: readonly MetricSample[]): Promise<void> {
    const fresh = new Map<string, MetricName>();
    for (const { key, metric } of samples) if (this.#rows.get(key) === undefined) fresh.set(key, metric);
    if (fresh.size === 0) return;
    if (this.#rows.size + fresh.size > limits.metricsMax) throw metricLimitExceeded(limits.metricsMax);
    const logs = (await this.#engine.createLogs(fresh.size * tiers.length)).values();
    const take = (): LogId => {
      const { value } = logs.next();
      if (value === undefined) throw new Error('the engine gave fewer logs than asked for');
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

  #count(key: string, entry: JournalEntry): void {
    let series = this.#series.get(key);
    if (series === undefined) {
      const row = this.#rows.get(key);
      if (row === undefined) return;
      series = { key, row, seconds: new Buckets(), minutes: new Buckets(), lastMs: 0 };
      this.#series.set(key, series);
    }
    const before = series.seconds.size + series.minutes.size;
    const { beginSeconds, unit, set } = entry;
    if (entry.highResolution) series.seconds.add(beginSeconds, unit, set);
    series.minutes.add(beginSeconds - (beginSeconds % 60), unit, set);
    series.lastMs = Math.max(series.lastMs, beginSeconds * 1000);
    this.#buckets += series.seconds.size + series.minutes.size - before;
  }

  #isMoveDue(): boolean {
    return (
      this.#series.size > 0 &&
      (this.#clock.now() - this.#movedMs >= limits.metricFlushIntervalMs ||
        this.#journalBytes >= limits.metricJournalBytesMax ||
        this.#buckets >= limits.metricBucketsInMemoryMax)
    );
  }

  /** A move that fails leaves everything where it was; the next write tries again. */
  async #tryMove(): Promise<void> {
    this.#moving = this.#move();
    try {
      await this.#moving;
    } catch (error) {
      this.#log.error({ error }, 'metrics could not be moved from the journal to their logs; trying again');
    } finally {
      this.#moving = undefined;
    }
  }

  async #move(): Promise<void> {
    const moved = [...this.#series.values()];
    const batches: AppendBatch[] = moved.flatMap(({ row, seconds, minutes }) => {
      const blocks = tiers.map(({ name, seconds: length }) => {
        const buckets = name === 'second' ? seconds : minutes.coarser(length);
        return { log: row.logs[name], buckets };
      });
      return blocks
        .filter(({ buckets }) => buckets.size > 0)
        .map(({ log, buckets }) => ({ log, records: packed(encodeBlock([...buckets])) }));
    });
    batches.push({ log: this.#journal, records: packed(movedPage) });
    const appended = await this.#engine.append({ batches });
    this.#series.clear();
    this.#movedMs = this.#clock.now();
    this.#journalBytes = 0;
    this.#buckets = 0;
    const marker = appended.at(-1);
    if (marker !== undefined) await this.#engine.trim(this.#journal, marker.firstIndex + 1);
    await this.#engine.catalog.commit((transaction) => {
      for (const { key, row, lastMs } of moved) {
        const lastKnownMs = Math.max(lastMs, transaction.get(this.#rows, key)?.lastMs ?? 0);
        transaction.put(this.#rows, key, { ...row, lastMs: lastKnownMs });
      }
    });
    await this.#sweepWhenDue();
  }

  async #sweepWhenDue(): Promise<void> {
    const nowMs = this.#clock.now();
    const row = this.#store.get('store');
    if (row === undefined || nowMs - row.sweptMs < limits.metricSweepIntervalMs) return;
    await sweep(this.#engine, this.#rows, nowMs);
    await this.#engine.catalog.commit((transaction) => {
      transaction.put(this.#store, 'store', { ...row, sweptMs: nowMs });
    });
  }

  async #recover(): Promise<void> {
    const row = this.#store.get('store');
    if (row === undefined) {
      const [journal] = await this.#engine.createLogs(1);
      if (journal === undefined) throw new Error('the engine gave no log');
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
    let next = this.#engine.bounds(this.#journal).firstIndex;
    const end = this.#engine.bounds(this.#journal).nextIndex;
    while (next < end) {
      const limit = { maxRecords: end - next, maxBytes: READ_BYTES };
      const batches = await this.#engine.read(this.#journal, next, limit);
      if (batches.length === 0) return;
      for (const batch of batches) {
        for (const page of payloads(batch)) this.#replayPage(page, keys);
        next = batch.firstIndex + batch.count;
      }
    }
  }

  #replayPage(bytes: Buffer, keys: ReadonlyMap<number, string>): void {
    const page = decodePage(bytes);
    if (page.kind === 'moved') {
      this.#series.clear();
      this.#buckets = 0;
      this.#journalBytes = 0;
      return;
    }
    this.#journalBytes += bytes.length;
    for (const entry of page.entries) {
      const key = keys.get(entry.series);
      if (key !== undefined) this.#count(key, entry);
    }
  }
}

/** A sample with its metric's key. */
export function sampleOf(metric: MetricName, sample: Omit<MetricSample, 'metric' | 'key'>): MetricSample {
  return { metric, key: metricKey(metric), ...sample };
}

function packed(payload: Uint8Array): PackedRecords {
  const packer = new RecordPacker(payload.length + 4);
  packer.add(payload);
  return packer.finish();
}

function payloads(records: PackedRecords): Buffer[] {
  const { buffer, byteOffset } = records.bytes;
  const result: Buffer[] = [];
  unpack(records, (_ordinal, offset, length) => {
    result.push(Buffer.from(buffer, byteOffset + offset, length));
  });
  return result;
}
