import type { LogId } from '../../../engine/engine.ts';
import { TimeBuckets } from './time-buckets.ts';
import type { Dimension, MetricName } from './metric-identity.ts';
import type { JournalEntry } from './metric-records.ts';
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
