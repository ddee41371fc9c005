import { SortedSamples } from '../../../support/sorted-samples.ts';
import { distributionOf, type Statistic, type StatisticSet } from './statistic-set.ts';

type Compute = (samples: SortedSamples) => number | undefined;

/** The part of the samples that a trimmed or winsorized statistic is about; open ends are those of all samples. */
interface Range {
  readonly unit: 'percent' | 'value';
  readonly from: number | undefined;
  readonly to: number | undefined;
}

const NUMBER = '\\d+(?:\\.\\d{1,10})?';
const PERCENTILE = /^p(\d{1,3}(?:\.\d{1,10})?)$/;
const UP_TO_PERCENT = /^(tm|tc|ts|wm)(\d{1,3}(?:\.\d{1,10})?)$/;
const WITHIN = new RegExp(`^(TM|TC|TS|WM|PR)\\((?:(${NUMBER})(%?))?:(?:(${NUMBER})(%?))?\\)$`);

/**
 * The statistics that need to know how the samples are distributed, as the CloudWatch user guide defines them
 * ("CloudWatch statistics definitions"): `p99`, `tm90`, `TM(2%:98%)`, `TC(0.005:0.03)`, `ts90`, `WM(10%:90%)`,
 * `PR(:300)`, `IQM`. They are computed of bins, and as exact as these.
 */
export function parseExtendedStatistic(name: string): Statistic | undefined {
  const compute = parse(name);
  return compute && { name, valueOf: (set) => of(set, compute) };
}

/**
 * With how many samples a percentile is significant; undefined for other statistics. As "Percentile-based alarms and
 * low data samples" of the CloudWatch user guide says: 10 beyond the percentile, on its shorter side.
 */
export function significantSamples(name: string): number | undefined {
  const percent = percentileOf(name);
  if (percent === undefined) return undefined;
  if (percent === 0 || percent === 100) return 0;
  const samples = 1000 / (percent < 50 ? percent : 100 - percent);
  // 100 - 99.9 is not exact.
  return Math.ceil(Number(samples.toPrecision(12)));
}

function of(set: Readonly<StatisticSet>, compute: Compute): number | undefined {
  const distribution = distributionOf(set);
  if (distribution === undefined) return undefined;
  return compute(new SortedSamples(distribution, set.minimum, set.maximum));
}

function percentileOf(name: string): number | undefined {
  const percent = Number(PERCENTILE.exec(name)?.[1]);
  return percent <= 100 ? percent : undefined;
}

function parse(name: string): Compute | undefined {
  const percent = percentileOf(name);
  if (percent !== undefined) return (samples) => samples.valueAt(percent / 100);
  if (name === 'IQM') return computation('TM', { unit: 'percent', from: 25, to: 75 });
  const [, upTo = '', most] = UP_TO_PERCENT.exec(name) ?? [];
  if (most !== undefined)
    return within(upTo.toUpperCase(), { unit: 'percent', from: undefined, to: Number(most) });
  const [, word = '', from, fromUnit, to, toUnit] = WITHIN.exec(name) ?? [];
  if (from !== undefined && to !== undefined && fromUnit !== toUnit) return undefined;
  return within(word, {
    unit: (fromUnit || toUnit) === '%' ? 'percent' : 'value',
    from: from === undefined ? undefined : Number(from),
    to: to === undefined ? undefined : Number(to),
  });
}

/** Undefined for a range without anything in it. */
function within(word: string, range: Range): Compute | undefined {
  const { unit, from, to } = range;
  if (from === undefined && to === undefined) return undefined;
  if (unit === 'percent' && (word === 'PR' || (to ?? 0) > 100)) return undefined;
  if ((from ?? 0) >= (to ?? (unit === 'percent' ? 100 : Infinity))) return undefined;
  return computation(word, range);
}

function computation(word: string, range: Range): Compute | undefined {
  switch (word) {
    case 'TM':
      return (samples) => {
        const [from, to] = ranksOf(samples, range);
        return from < to ? samples.sumBetween(from, to) / (to - from) : undefined;
      };
    case 'TC':
      return (samples) => {
        const [from, to] = ranksOf(samples, range);
        return to - from;
      };
    case 'TS':
      return (samples) => samples.sumBetween(...ranksOf(samples, range));
    case 'WM':
      return (samples) => winsorizedMean(samples, range);
    case 'PR':
      return (samples) => {
        const [from, to] = ranksOf(samples, range);
        return (100 * (to - from)) / samples.count;
      };
    default:
      return undefined;
  }
}

/** Between which ranks the samples of a range are: those above `from`, up to `to`. */
function ranksOf(samples: SortedSamples, { unit, from, to }: Range): [from: number, to: number] {
  const rankOf = (bound: number): number =>
    unit === 'percent' ? (samples.count * bound) / 100 : samples.rankOf(bound);
  return [from === undefined ? 0 : rankOf(from), to === undefined ? samples.count : rankOf(to)];
}

/** Samples outside of the range count as its bounds. */
function winsorizedMean(samples: SortedSamples, range: Range): number {
  const valueOf = (bound = 0): number => (range.unit === 'percent' ? samples.valueAt(bound / 100) : bound);
  const [from, to] = ranksOf(samples, range);
  const below = from * valueOf(range.from);
  const above = (samples.count - to) * valueOf(range.to);
  return (below + samples.sumBetween(from, to) + above) / samples.count;
}
