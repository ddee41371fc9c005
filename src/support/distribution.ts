import { supportLimits } from './limits.ts';

/** Bins are at most 1/128 as wide as their values are large. */
const DIGITS_MAX = 7;
/** The sign and the exponent of a double. */
const BITS_BEFORE_DIGITS = 12;

/** How many samples there are between two values. */
export interface Bin {
  readonly low: number;
  readonly high: number;
  readonly times: number;
}

const scratch = new DataView(new ArrayBuffer(8));

/**
 * How many samples had which size: what percentiles are computed from. A bin is the sign, the exponent and the first
 * binary digits of a number. There are seven of these digits as long as the bins are few; then all bins are joined in
 * pairs, which takes a digit. So the size is bounded, and the same whatever the order in which samples are added and
 * distributions merged (UDDSketch: Epicoco et al., 2020).
 */
export class Distribution {
  #digits: number;
  #counts: Map<number, number>;

  /** The parts that a distribution is stored as. */
  constructor(digits = DIGITS_MAX, counts = new Map<number, number>()) {
    this.#digits = digits;
    this.#counts = counts;
  }

  /** How many binary digits of a number a bin has. */
  get digits(): number {
    return this.#digits;
  }

  /** The number of bins. */
  get size(): number {
    return this.#counts.size;
  }

  copy(): Distribution {
    return new Distribution(this.#digits, new Map(this.#counts));
  }

  /** Of a finite number. */
  add(value: number, times = 1): void {
    // -0 is 0.
    scratch.setFloat64(0, value + 0);
    this.#count(scratch.getUint32(0) >>> (32 - BITS_BEFORE_DIGITS - this.#digits), times);
    this.#bound();
  }

  /** Adds the samples of another one. */
  addAll(other: Distribution): void {
    while (this.#digits > other.#digits) this.#join();
    const shift = other.#digits - this.#digits;
    for (const [bin, times] of other.#counts) this.#count(bin >>> shift, times);
    this.#bound();
  }

  /** The numbers of the bins with their counts, in ascending order: of negative samples, the smallest are the last. */
  counts(): [bin: number, times: number][] {
    return [...this.#counts].sort(([left], [right]) => left - right);
  }

  /** In ascending order of their samples. */
  bins(): Bin[] {
    const sign = 1 << (BITS_BEFORE_DIGITS - 1 + this.#digits);
    return Array.from(this.#counts, ([bin, times]) => {
      const near = this.#numberOf(bin & ~sign);
      const far = this.#numberOf((bin & ~sign) + 1);
      return (bin & sign) === 0 ? { low: near, high: far, times } : { low: -far, high: -near, times };
    }).sort((left, right) => left.low - right.low);
  }

  #count(bin: number, times: number): void {
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + times);
  }

  #bound(): void {
    while (this.#counts.size > supportLimits.distributionBinsMax) this.#join();
  }

  #join(): void {
    const finer = this.#counts;
    this.#digits--;
    this.#counts = new Map();
    for (const [bin, times] of finer) this.#count(bin >>> 1, times);
  }

  /** The smallest number of a bin. */
  #numberOf(bin: number): number {
    scratch.setUint32(0, bin * 2 ** (32 - BITS_BEFORE_DIGITS - this.#digits));
    scratch.setUint32(4, 0);
    return scratch.getFloat64(0);
  }
}
