import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Distribution } from '../../src/support/distribution.ts';
import { supportLimits } from '../../src/support/limits.ts';
import { SortedSamples } from '../../src/support/sorted-samples.ts';
import { runSeed, seededRandom } from './random.ts';

function of(values: readonly number[]): Distribution {
  const distribution = new Distribution();
  for (const value of values) distribution.add(value);
  return distribution;
}

function valueAt(distribution: Distribution, share: number): number {
  return new SortedSamples(distribution, -Infinity, Infinity).valueAt(share);
}

/** How often the largest sample is twice as large as the smallest, and the width of a bin then. */
const spreads = [
  [2, 1 / 128],
  [4.5, 1 / 64],
  [9.5, 1 / 32],
  [19, 1 / 16],
] as const;

for (const [doublings, width] of spreads) {
  test(`percentiles of samples within 2^${doublings} are right to within ${(100 * width).toFixed(1)} %`, () => {
    const seed = runSeed();
    const random = seededRandom(seed);
    for (const scale of [1e-6, 1, 1e9]) {
      const values = Array.from({ length: 5_000 }, () => scale * 2 ** (doublings * random()));
      const sorted = values.toSorted((left, right) => left - right);
      const distribution = of(values);
      assert.ok(distribution.size <= supportLimits.distributionBinsMax);
      for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
        const exact = sorted[Math.ceil(share * values.length) - 1] ?? 0;
        const found = valueAt(distribution, share);
        assert.ok(
          Math.abs(found - exact) <= exact * width,
          `SEED=${seed}: ${share} of ${scale}: ${found} for ${exact}`,
        );
      }
    }
  });
}

// Values of 46,000 sizes made a distribution of 140 KB in each minute.
test('samples of all sizes take no more bins than are allowed', () => {
  const random = seededRandom(runSeed());
  const distribution = new Distribution();
  for (let at = 0; at < 50_000; at++) {
    distribution.add((random() < 0.5 ? -1 : 1) * 2 ** (1_400 * random() - 1_040));
  }
  assert.ok(distribution.size <= supportLimits.distributionBinsMax);
  const bins = distribution.bins();
  assert.equal(
    bins.reduce((sum, { times }) => sum + times, 0),
    50_000,
  );
  for (const [at, { low, high }] of bins.entries()) {
    assert.ok(low < high && low >= (bins[at - 1]?.high ?? -Infinity), `${low} to ${high}`);
  }
});

test('negative numbers are below zero', () => {
  const distribution = of([-100, -10, 0, -0, 10]);
  assert.ok(Math.abs(valueAt(distribution, 0.2) + 100) <= 100 / 128);
  assert.ok(Math.abs(valueAt(distribution, 0.4) + 10) <= 10 / 128);
  assert.ok(Math.abs(valueAt(distribution, 0.8)) < 1e-300);
  assert.equal(of([-0, 0]).size, 1);
});

test('distributions are merged in any order and grouping', () => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const values = Array.from({ length: 3_000 }, () => Math.exp(8 * random() ** 2));
  const whole = of(values);
  const shuffled = values
    .map((value) => [random(), value] as const)
    .toSorted(([left], [right]) => left - right)
    .map(([, value]) => value);
  const parts = Array.from({ length: 7 }, () => new Distribution());
  for (const value of shuffled) parts[Math.floor(7 * random())]?.add(value);
  const merged = new Distribution();
  for (const part of parts) merged.addAll(part);
  assert.equal(merged.digits, whole.digits, `SEED=${seed}`);
  assert.deepEqual(merged.counts(), whole.counts(), `SEED=${seed}`);
});
