import type { Bucket } from './metric-records.ts';
import { copyOf, mergeInto, type StatisticSet } from './statistic-set.ts';

const UNITS_MAX = 32;
/** Bins of a distribution that take about as much memory as a set without one. */
const BINS_OF_A_SET = 4;

/** A metric's buckets by start and unit. Samples in the same bucket are merged. */
export class TimeBuckets {
  readonly #sets = new Map<number, StatisticSet>();
  /** The bucket that was used last: most samples are from the current minute. */
  #lastKey = -1;
  #last: StatisticSet | undefined;
  /** Of all distributions. */
  #bins = 0;

  /** How many sets there are, or would be in the same memory if none had a distribution. */
  get size(): number {
    return this.#sets.size + Math.ceil(this.#bins / BINS_OF_A_SET);
  }

  add(beginSeconds: number, unit: number, set: Readonly<StatisticSet>): void {
    const key = beginSeconds * UNITS_MAX + unit;
    if (key !== this.#lastKey || this.#last === undefined) {
      this.#lastKey = key;
      this.#last = this.#sets.get(key);
    }
    if (this.#last === undefined) {
      this.#last = copyOf(set);
      this.#sets.set(key, this.#last);
      this.#bins += binsOf(this.#last);
      return;
    }
    this.#bins -= binsOf(this.#last);
    mergeInto(this.#last, set);
    this.#bins += binsOf(this.#last);
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

function binsOf({ distribution }: StatisticSet): number {
  return distribution?.size ?? 0;
}
