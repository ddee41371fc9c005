import { parseExtendedStatistic } from './extended-statistic.ts';
import type { Statistic, StatisticSet } from './statistic-set.ts';

export const basicStatistics = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;
export type BasicStatistic = (typeof basicStatistics)[number];

export function isBasicStatistic(name: string): name is BasicStatistic {
  return basicStatistics.some((statistic) => statistic === name);
}

/** By CloudWatch's name of it: `Sum`, `p99`, `TM(2%:98%)`, ...; undefined if there is none. */
export function parseStatistic(name: string): Statistic | undefined {
  if (isBasicStatistic(name)) return { name, valueOf: (set) => basicStatisticOf(set, name) };
  return parseExtendedStatistic(name);
}

export function basicStatisticOf(set: Readonly<StatisticSet>, statistic: BasicStatistic): number {
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
