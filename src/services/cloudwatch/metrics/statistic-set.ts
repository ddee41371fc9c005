import { Distribution } from '../../../support/distribution.ts';

/** The statistics of any number of samples. Sets of the same metric and period can be merged in any order. */
export interface StatisticSet {
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** Absent if it is not known of all samples. */
  distribution?: Distribution | undefined;
}

/** What a query or an alarm wants to know of the samples of each period. */
export interface Statistic {
  readonly name: string;
  /** Of a set with at least one sample; undefined if it needs a distribution that is not known. */
  valueOf(set: Readonly<StatisticSet>): number | undefined;
}

export function emptySet(): StatisticSet {
  return { sampleCount: 0, sum: 0, minimum: Infinity, maximum: -Infinity };
}

/** A copy that can be merged into. */
export function copyOf(set: Readonly<StatisticSet>): StatisticSet {
  const { distribution } = set;
  return { ...set, ...(distribution !== undefined && { distribution: distribution.copy() }) };
}

/** Adds `from` to `into`. */
export function mergeInto(into: StatisticSet, from: Readonly<StatisticSet>): void {
  mergeDistribution(into, from);
  into.sampleCount += from.sampleCount;
  into.sum += from.sum;
  if (from.minimum < into.minimum) into.minimum = from.minimum;
  if (from.maximum > into.maximum) into.maximum = from.maximum;
}

/** Most metrics have no distributions: then nothing is made for them. */
function mergeDistribution(into: StatisticSet, from: Readonly<StatisticSet>): void {
  if (into.distribution === undefined && from.distribution === undefined) return;
  const [known, added] = [distributionOf(into), distributionOf(from)];
  if (known === undefined || added === undefined) into.distribution = undefined;
  else (into.distribution = known).addAll(added);
}

/** Also of equal samples, of which no distribution is kept; undefined if it is not known. */
export function distributionOf(set: Readonly<StatisticSet>): Distribution | undefined {
  const { sampleCount, minimum, maximum, distribution } = set;
  if (distribution !== undefined) return distribution;
  const equal = new Distribution();
  if (sampleCount === 0) return equal;
  if (minimum !== maximum || !Number.isInteger(sampleCount)) return undefined;
  equal.add(minimum, sampleCount);
  return equal;
}

/** Adds samples of one value, with their distribution. Clients may put parts of samples: then there is none. */
export function addSample(into: StatisticSet, value: number, times = 1): void {
  into.distribution = Number.isInteger(times) ? distributionOf(into) : undefined;
  into.distribution?.add(value, times);
  into.sampleCount += times;
  into.sum += value * times;
  if (value < into.minimum) into.minimum = value;
  if (value > into.maximum) into.maximum = value;
}
