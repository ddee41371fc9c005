import type { Bucket } from './metric-records.ts';
import { mergeInto } from './statistic-set.ts';
import type { StatisticSet } from './statistic-set.ts';

const UNITS_MAX = 32;

/** Buckets of one metric by their begin and unit; what falls into the same one adds up. */
export class Buckets {
  readonly #sets = new Map<number, StatisticSet>();
  /** What was added to last: most samples are of the running minute. */
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
  coarser(seconds: number): Buckets {
    const result = new Buckets();
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
