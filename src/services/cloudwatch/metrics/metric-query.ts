import type { Table } from '../../../engine/catalog.ts';
import type { Engine } from '../../../engine/engine.ts';
import { readBlocks } from './metric-blocks.ts';
import type { Bucket } from './metric-records.ts';
import type { MetricRow, Series } from './series.ts';
import type { StatisticSet } from './statistic-set.ts';
import { type Tier, tierFor, tiers } from './tiers.ts';
import { TimeBuckets } from './time-buckets.ts';
import { unitCode, unitName } from './units.ts';

export interface MetricQuery {
  readonly key: string;
  /** Undefined means all units. */
  readonly unit: string | undefined;
  readonly periodSeconds: number;
  /** The start of the first period; the others follow it. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface Datapoint {
  readonly beginMs: number;
  readonly unit: string;
  readonly set: StatisticSet;
}

/** All metrics, for operations that only read. */
export interface MetricReads {
  readonly rows: Table<MetricRow>;
  /** Resolves when `lastSampleMs` knows everything that is stored. */
  upToDate(): Promise<void>;
  /** When the metric got its newest sample, as far as it is known. */
  lastSampleMs(key: string): number;
  /** Returns the periods with samples from start up to, not including, end, ordered by start and unit. */
  query(query: MetricQuery): Promise<Datapoint[]>;
}

/** A metric's samples, as they are when a query begins. */
interface MetricSamplesRead {
  readonly engine: Engine;
  /** Undefined for a metric without samples. */
  readonly row: MetricRow | undefined;
  /** The samples that have not moved to blocks yet. */
  readonly recent: Series | undefined;
  readonly nowMs: number;
}

/** Returns the periods with samples, ordered by start and unit. */
export async function queryMetric(
  read: MetricSamplesRead,
  { unit, periodSeconds, startMs, endMs }: MetricQuery,
): Promise<Datapoint[]> {
  const found = new TimeBuckets();
  const wanted = unit === undefined ? undefined : unitCode(unit);
  const tier = tierFor(periodSeconds, startMs, read.nowMs);
  const periodMs = periodSeconds * 1000;
  const collect = (bucket: Bucket): void => {
    if (wanted !== undefined && bucket.unit !== wanted) return;
    const period = startMs + Math.floor((bucket.beginSeconds * 1000 - startMs) / periodMs) * periodMs;
    found.add(period / 1000, bucket.unit, bucket.set);
  };
  if (tier.name !== 'second') await visit(read, tier, startMs, endMs, collect);
  else await visitSeconds(read, startMs, endMs, collect);
  return [...found]
    .map(({ beginSeconds, unit: code, set }) => ({ beginMs: beginSeconds * 1000, unit: unitName(code), set }))
    .sort((a, b) => a.beginMs - b.beginMs || (a.unit < b.unit ? -1 : 1));
}

/** The buckets of a tier, those in memory first. Everything in memory is read before the first wait. */
async function visit(
  { engine, row, recent, nowMs }: MetricSamplesRead,
  tier: Tier,
  startMs: number,
  endMs: number,
  onBucket: (bucket: Bucket) => void,
): Promise<void> {
  const oldestMs = Math.max(startMs, nowMs - tier.retentionMs);
  const within = (bucket: Bucket): void => {
    const beginMs = bucket.beginSeconds * 1000;
    if (beginMs >= oldestMs && beginMs < endMs) onBucket(bucket);
  };
  const inMemory = tier.name === 'second' ? recent?.seconds : recent?.minutes;
  for (const bucket of inMemory ?? []) within(bucket);
  if (row !== undefined) await readBlocks(engine, row.logs[tier.name], startMs, within);
}

/**
 * For periods under a minute: seconds, and the minutes of which no seconds are kept, as those of metrics without high
 * resolution.
 */
async function visitSeconds(
  read: MetricSamplesRead,
  startMs: number,
  endMs: number,
  onBucket: (bucket: Bucket) => void,
): Promise<void> {
  const [secondTier, minuteTier] = tiers;
  const minutesWithSeconds = new Set<number>();
  const minutes: Bucket[] = [];
  const keptMs = Math.max(startMs, read.nowMs - secondTier.retentionMs);
  await Promise.all([
    visit(read, secondTier, startMs, endMs, (bucket) => {
      minutesWithSeconds.add(bucket.beginSeconds - (bucket.beginSeconds % minuteTier.seconds));
      onBucket(bucket);
    }),
    visit(read, minuteTier, keptMs, endMs, (bucket) => minutes.push(bucket)),
  ]);
  for (const bucket of minutes) if (!minutesWithSeconds.has(bucket.beginSeconds)) onBucket(bucket);
}
