import type { Bin, Distribution } from './distribution.ts';

/**
 * The samples of a distribution in ascending order. Their ranks run from 0 to `count`, and those of one bin are spread
 * evenly over it, so that everything here is right to within the width of a bin.
 */
export class SortedSamples {
  readonly #bins: readonly Bin[];
  readonly count: number;

  /** No sample is outside of these bounds, whatever its bin. */
  constructor(distribution: Readonly<Distribution>, minimum: number, maximum: number) {
    const within = (value: number): number => Math.min(maximum, Math.max(minimum, value));
    this.#bins = distribution
      .bins()
      .map(({ low, high, times }) => ({ low: within(low), high: within(high), times }));
    this.count = this.#bins.reduce((sum, { times }) => sum + times, 0);
  }

  /** The value that this share of the samples does not exceed. */
  valueAt(share: number): number {
    const wanted = this.count * share;
    let before = 0;
    for (const { low, high, times } of this.#bins) {
      if (before + times >= wanted) return low + ((high - low) * (wanted - before)) / times;
      before += times;
    }
    return this.#bins.at(-1)?.high ?? 0;
  }

  /** How many samples are not above a value. */
  rankOf(value: number): number {
    let rank = 0;
    for (const { low, high, times } of this.#bins) {
      if (value < low) break;
      rank += value >= high ? times : (times * (value - low)) / (high - low);
    }
    return rank;
  }

  /** The sum of the samples between two ranks. */
  sumBetween(from: number, to: number): number {
    let before = 0;
    let sum = 0;
    for (const { low, high, times } of this.#bins) {
      const first = Math.max(0, from - before);
      const last = Math.min(times, to - before);
      if (last > first) sum += (last - first) * (low + ((high - low) * (first + last)) / 2 / times);
      before += times;
    }
    return sum;
  }
}
