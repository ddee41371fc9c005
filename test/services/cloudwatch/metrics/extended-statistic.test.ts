import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseExtendedStatistic,
  significantSamples,
} from '../../../../src/services/cloudwatch/metrics/extended-statistic.ts';
import {
  addSample,
  emptySet,
  type StatisticSet,
} from '../../../../src/services/cloudwatch/metrics/statistic-set.ts';
import { runSeed, seededRandom } from '../../../support/random.ts';

function setOf(values: readonly number[]): StatisticSet {
  const set = emptySet();
  for (const value of values) addSample(set, value);
  return set;
}

function sum(of: readonly number[]): number {
  return of.reduce((total, value) => total + value, 0);
}

function valueOf(set: StatisticSet, name: string): number | undefined {
  const statistic = parseExtendedStatistic(name);
  assert.ok(statistic !== undefined, name);
  return statistic.valueOf(set);
}

// CloudWatch user guide, "CloudWatch statistics definitions".
test("the names of extended statistics are CloudWatch's", () => {
  const names = 'p0 p50 p99.9 p100 p99.9999999999 tm90 tc99.5 ts50 wm98 IQM TM(2%:98%) TM(150:1000) TM(:90%)';
  const more = 'TM(10%:) TC(0.005:0.030) TS(80%:) WM(10%:90%) WM(:2000) PR(:300) PR(100:2000) PR(10:)';
  for (const name of `${names} ${more}`.split(' ')) assert.ok(parseExtendedStatistic(name), name);
  const wrong =
    '|p|p101|p-1|p1000|p9.12345678901|P99|99|Sum|tm|tm101|iqm|pr300|TM(:)|TM(90%:10%)|TM(10%:90)|TM(50%:101%)|' +
    'TM(100%:)|TM(5:5)|PR(10%:90%)|PR(:)|TM90|tm(2%:98%)|IQM(1:2)|p99 |MAX(1:2)';
  for (const name of wrong.split('|')) assert.equal(parseExtendedStatistic(name), undefined, name);
});

test('extended statistics of random samples are right to within the width of a bin', () => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const values = Array.from({ length: 2_000 }, () => 100 * Math.exp(3 * random() - 1.5));
  const sorted = values.toSorted((left, right) => left - right);
  const set = setOf(values);
  const mean = (of: readonly number[]) => sum(of) / of.length;
  const between = (from: number, to: number) => values.filter((value) => value > from && value <= to);
  const winsorized = (from: number, to: number) =>
    mean(values.map((value) => Math.min(to, Math.max(from, value))));
  const at = (share: number) => sorted[share * 2_000 - 1] ?? 0;
  const exact: Readonly<Record<string, number>> = {
    p50: at(0.5),
    p99: at(0.99),
    tm90: mean(sorted.slice(0, 1_800)),
    'TM(2%:98%)': mean(sorted.slice(40, 1_960)),
    'TM(60:200)': mean(between(60, 200)),
    IQM: mean(sorted.slice(500, 1_500)),
    tc90: 1_800,
    'TC(5%:)': 1_900,
    'TC(60:200)': between(60, 200).length,
    ts99: sum(sorted.slice(0, 1_980)),
    'TS(80%:)': sum(sorted.slice(1_600)),
    wm98: winsorized(0, at(0.98)),
    'WM(10%:90%)': winsorized(at(0.1), at(0.9)),
    'WM(50:150)': winsorized(50, 150),
    'PR(:100)': (100 * between(0, 100).length) / 2_000,
    'PR(50:150)': (100 * between(50, 150).length) / 2_000,
    'PR(150:)': (100 * between(150, Infinity).length) / 2_000,
  };
  for (const [name, value] of Object.entries(exact)) {
    const found = valueOf(set, name) ?? NaN;
    assert.ok(Math.abs(found - value) <= value / 64, `SEED=${seed}, ${name}: ${found} for ${value}`);
  }
});

test('of equal samples all statistics are exact, and of a range without samples there is no mean', () => {
  const set = setOf([12.5, 12.5, 12.5, 12.5]);
  for (const name of ['p99', 'tm90', 'wm90', 'IQM', 'TM(10:20)'])
    assert.equal(valueOf(set, name), 12.5, name);
  assert.equal(valueOf(set, 'tc50'), 2);
  assert.equal(valueOf(set, 'TS(10:12.5)'), 50);
  assert.equal(valueOf(set, 'PR(:12)'), 0);
  assert.equal(valueOf(set, 'PR(12:13)'), 100);
  assert.equal(valueOf(set, 'TM(20:30)'), undefined);
});

test('a statistic set of unequal samples has no extended statistics', () => {
  assert.equal(valueOf({ sampleCount: 2, sum: 10, minimum: 3, maximum: 7 }, 'p99'), undefined);
});

// CloudWatch user guide, "Percentile-based alarms and low data samples": 10/(1-p), or 10/p below the median.
test('a percentile is significant with ten samples beyond it', () => {
  const needed = { p99: 1_000, 'p99.9': 10_000, p90: 100, p50: 20, p10: 100, p1: 1_000, p100: 0, p0: 0 };
  for (const [name, samples] of Object.entries(needed)) assert.equal(significantSamples(name), samples, name);
  for (const name of ['Sum', 'tm99', 'IQM', 'p101']) assert.equal(significantSamples(name), undefined, name);
});
