import type { Bucket } from './metric-records.ts';
import { mergeInto, type StatisticSet } from './statistic-set.ts';

const UNITS_MAX = 32;

/** A metric's buckets by start and unit. Samples in the same bucket are merged. */
export class TimeBuckets {
  readonly #sets = new Map<number, StatisticSet>();
  /** The bucket that was used last: most samples are from the current minute. */
  #lastKey = -1;
  #last: StatisticSet | undefined;

  get size(): number {
    return this.#sets.size;
  }

  add(beginSeconds: number, unit: number, set: Readonly<StatisticSet>): void {
    const key = beginSeconds * UNITS_MAX + unit;
    if (key !== this.#lastKey || this.#last === undefined) {
      this.#lastKey = key;
      this.#last = this.#sets.get(key);
    }
    if (this.#last !== undefined) return mergeInto(this.#last, set);
    this.#last = { ...set };
    this.#sets.set(key, this.#last);
  }

  /** The same samples in buckets of `seconds`. */
  coarser(seconds: number): TimeBuckets {
    const result = new TimeBuckets();
    for (const { beginSeconds, unit, set } of this)
      result.add(beginSeconds - (beginSeconds % seconds), unit, set);
    return result;
  }

  *[Symbol.iterator](): Generator<Bucket> {
    for (const [key, set] of this.#sets) {
      yield { beginSeconds: Math.floor(key / UNITS_MAX), unit: key % UNITS_MAX, set };
    }
  }
}
