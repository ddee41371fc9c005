/** The statistics of any number of samples. Sets of the same metric and period can be merged in any order. */
export interface StatisticSet {
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
}

export const statistics = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;
export type Statistic = (typeof statistics)[number];

export function isStatistic(word: string): word is Statistic {
  return statistics.some((statistic) => statistic === word);
}

export function emptySet(): StatisticSet {
  return { sampleCount: 0, sum: 0, minimum: Infinity, maximum: -Infinity };
}

/** Adds `from` to `into`. */
export function mergeInto(into: StatisticSet, from: Readonly<StatisticSet>): void {
  into.sampleCount += from.sampleCount;
  into.sum += from.sum;
  if (from.minimum < into.minimum) into.minimum = from.minimum;
  if (from.maximum > into.maximum) into.maximum = from.maximum;
}

export function addSample(into: StatisticSet, value: number, count = 1): void {
  into.sampleCount += count;
  into.sum += value * count;
  if (value < into.minimum) into.minimum = value;
  if (value > into.maximum) into.maximum = value;
}

/** Returns a statistic of a set with at least one sample. */
export function statisticOf(set: Readonly<StatisticSet>, statistic: Statistic): number {
  switch (statistic) {
    case 'SampleCount':
      return set.sampleCount;
    case 'Sum':
      return set.sum;
    case 'Minimum':
      return set.minimum;
    case 'Maximum':
      return set.maximum;
    case 'Average':
      return set.sum / set.sampleCount;
  }
}
