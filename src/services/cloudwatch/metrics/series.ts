import type { LogId } from '../../../engine/engine.ts';
import { Buckets } from './time-buckets.ts';
import type { Dimension, MetricName } from './metric-identity.ts';
import type { JournalEntry } from './metric-records.ts';
import type { TierName } from './tiers.ts';

/** What is known of a metric: its row in the catalog. */
export interface MetricRow extends MetricName {
  readonly dimensions: Dimension[];
  /** A log for each tier; one that is never written costs nothing. */
  readonly logs: Readonly<Record<TierName, LogId>>;
  /** Newest sample that has been moved to blocks, give or take some minutes. */
  readonly lastMs: number;
}

/** A metric's samples that have not moved to blocks yet: in memory, and in the journal. */
export class Series {
  readonly key: string;
  readonly row: MetricRow;
  readonly seconds = new Buckets();
  readonly minutes = new Buckets();
  lastMs = 0;

  constructor(key: string, row: MetricRow) {
    this.key = key;
    this.row = row;
  }

  /** How many buckets it holds. */
  get size(): number {
    return this.seconds.size + this.minutes.size;
  }

  add({ beginSeconds, unit, set, highResolution }: JournalEntry): void {
    if (highResolution) this.seconds.add(beginSeconds, unit, set);
    this.minutes.add(beginSeconds - (beginSeconds % 60), unit, set);
    this.lastMs = Math.max(this.lastMs, beginSeconds * 1000);
  }
}
