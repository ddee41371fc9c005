import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Bucket,
  decodeBlock,
  decodePage,
  encodeBlock,
  encodeEntries,
} from '../../../../src/services/cloudwatch/metrics/metric-records.ts';
import { parseStatistic } from '../../../../src/services/cloudwatch/metrics/statistic.ts';
import { addSample, emptySet } from '../../../../src/services/cloudwatch/metrics/statistic-set.ts';

function bucketOf(beginSeconds: number, values: readonly number[]): Bucket {
  const set = emptySet();
  for (const value of values) addSample(set, value);
  return { beginSeconds, unit: 2, set };
}

const buckets = [
  bucketOf(60, [1, 2, 2, 300]),
  bucketOf(
    120,
    Array.from({ length: 2_000 }, (_, at) => 1.02 ** at),
  ),
  // As wide as numbers are: its bins have less than no digits.
  bucketOf(
    180,
    Array.from({ length: 2_000 }, (_, at) => (-1) ** at * 2 ** (at / 2 - 700)),
  ),
  { beginSeconds: 240, unit: 26, set: { sampleCount: 2, sum: 3, minimum: 1, maximum: 2 } },
];

/** Private members are not compared. */
function plain({ set: { distribution, ...set }, ...rest }: Bucket): object {
  return { ...rest, set, digits: distribution?.digits, counts: distribution?.counts() };
}

test('blocks and pages are read as they were written', () => {
  const block = encodeBlock(buckets);
  assert.deepEqual(Array.from(decodeBlock(block), plain), buckets.map(plain));
  const entries = buckets.map((bucket) => ({ ...bucket, series: 7, highResolution: true }));
  const page = decodePage(encodeEntries(entries));
  assert.ok(page.kind === 'entries');
  assert.deepEqual(page.entries.map(plain), entries.map(plain));
  // Of the bound of a distribution: 320 bins of two varints, and what is before them.
  for (const bucket of buckets) assert.ok(encodeBlock([bucket]).length < 1_100);
});

// Distributions had bins of four binary digits, and did not say so.
test('a distribution of former versions is read, and merged with those of this one', () => {
  const former = Buffer.alloc(37);
  former.writeUInt32LE(60, 0);
  former[4] = 2 | 0x80;
  for (const [at, value] of [3, 210, 10, 100].entries()) former.writeDoubleLE(value, 5 + 8 * at);
  // 10 twice, then 100: the first sixteen bits of these doubles.
  const block = Buffer.concat([former, Buffer.from([2, 0xa4, 0x80, 0x01, 2, 0x35, 1])]);
  const [bucket] = [...decodeBlock(block)];
  assert.ok(bucket !== undefined);
  const p50 = parseStatistic('p50');
  assert.ok(Math.abs((p50?.valueOf(bucket.set) ?? 0) - 10) <= 10 / 16);
  addSample(bucket.set, 1_000);
  addSample(bucket.set, 1_000);
  assert.equal(bucket.set.distribution?.digits, 4);
  assert.equal(parseStatistic('p100')?.valueOf(bucket.set), 1_000);
});
