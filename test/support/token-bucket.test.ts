import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { TokenBucket } from '../../src/support/token-bucket.ts';

test('the rate is available per second, at once or gradually', () => {
  const bucket = new TokenBucket(1000, 0);
  for (let taken = 0; taken < 1000; taken++) assert(bucket.take(1, 0));
  assert.equal(bucket.take(1, 0), false);
  assert.equal(bucket.take(1, 1), true);
  assert.equal(bucket.take(1, 1), false);
  assert.equal(bucket.take(999, 1000), true);
  assert.equal(bucket.take(1, 1000), false);
});

test('a full bucket grants more than its size, and goes into debt', () => {
  const bucket = new TokenBucket(1000, 0);
  assert.equal(bucket.take(3000, 0), true);
  assert.equal(bucket.waitMs(0), 2000);
  assert.equal(bucket.take(1, 2000), false);
  assert.equal(bucket.take(1, 2001), true);
  assert.equal(bucket.take(3000, 2999), false);
  assert.equal(bucket.take(3000, 3001), true);
});

test('10 MB read at 2 MB per second block it for 5 seconds', () => {
  const MB = 1024 * 1024;
  const bucket = new TokenBucket(2 * MB, 0);
  bucket.charge(10 * MB, 0);
  assert.equal(bucket.isOpen(4999), false);
  assert.equal(bucket.isOpen(5000), true);
  bucket.charge(MB, 6000);
  assert.equal(bucket.isOpen(6000), true);
});

test('a clock that is set back adds and removes nothing', () => {
  const bucket = new TokenBucket(10, 100_000);
  assert(bucket.take(10, 100_000));
  assert.equal(bucket.take(1, 50_000), false);
  assert.equal(bucket.take(1, 50_100), true);
});

test('in any interval at most one bucket plus the added tokens is taken', () => {
  const step = fc.record({ waitMs: fc.nat(3000), amount: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 60 }), (perSecond, steps) => {
      const bucket = new TokenBucket(perSecond, 0);
      let nowMs = 0;
      const taken: { readonly atMs: number; readonly amount: number }[] = [];
      for (const { waitMs, amount } of steps) {
        nowMs += waitMs;
        const had = bucket.has(amount, nowMs);
        assert.equal(bucket.take(amount, nowMs), had);
        if (had) taken.push({ atMs: nowMs, amount });
      }
      for (const [first, { atMs }] of taken.entries()) {
        let sum = 0;
        for (const later of taken.slice(first)) {
          // A single amount above the rate is lent by a full bucket.
          const lent = Math.max(0, later.amount - perSecond);
          const most = perSecond + lent + ((later.atMs - atMs) * perSecond) / 1000;
          sum += later.amount;
          assert(sum <= most, `${sum} within ${later.atMs - atMs} ms at ${perSecond} a second`);
        }
      }
    }),
    { seed: 20_261_122, numRuns: 300 },
  );
});

test('a call succeeds after waiting until the debt is paid', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000_000 }),
      fc.array(fc.nat(20_000_000), { minLength: 1, maxLength: 20 }),
      (perSecond, amounts) => {
        const bucket = new TokenBucket(perSecond, 0);
        let nowMs = 0;
        for (const amount of amounts) {
          bucket.charge(amount, nowMs);
          const waitMs = bucket.waitMs(nowMs);
          if (waitMs > 0) assert.equal(bucket.isOpen(nowMs + waitMs - 1), false);
          nowMs += waitMs;
          assert(bucket.isOpen(nowMs));
        }
        // No more than the rate, but for what the full bucket gave at first.
        const sum = amounts.slice(0, -1).reduce((total, amount) => total + amount, 0);
        assert(sum <= perSecond + (nowMs * perSecond) / 1000 + 1);
      },
    ),
    { seed: 20_261_122, numRuns: 300 },
  );
});
