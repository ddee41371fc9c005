import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { kinesisLimits } from '../../../../src/services/kinesis/limits.ts';
import {
  evenStarts,
  formatHashKey,
  hashKeyToBigInt,
  hashKeyFromBigInt,
  hashPartitionKey,
  isNextHashKey,
  LAST_HASH_KEY,
  parseHashKey,
} from '../../../../src/services/kinesis/shards/hash-key.ts';

const md5 = (key: string): string => createHash('md5').update(key).digest('hex');
const anyHashKey = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

test('a hash key is the same number in the API and internally', () => {
  fc.assert(
    fc.property(anyHashKey, (value) => {
      const key = parseHashKey(value.toString());
      assert(key !== undefined);
      assert.equal(key.length, 32);
      assert.equal(formatHashKey(key), value.toString());
    }),
  );
});

test('hash keys compare like the numbers', () => {
  fc.assert(
    fc.property(anyHashKey, anyHashKey, (a, b) => {
      assert.equal((parseHashKey(`${a}`) ?? '') < (parseHashKey(`${b}`) ?? ''), a < b);
    }),
  );
});

test('a number of 2^128 or more is not a hash key', () => {
  assert.equal(parseHashKey('340282366920938463463374607431768211455'), LAST_HASH_KEY);
  assert.equal(parseHashKey('340282366920938463463374607431768211456'), undefined);
  assert.equal(parseHashKey('-1'), undefined);
  assert.equal(parseHashKey('0x1'), undefined);
  assert.equal(parseHashKey(''), undefined);
});

test('a partition key hashes to the MD5 of its UTF-8', () => {
  for (const key of ['a', 'schlüssel', '鍵', '🔑']) {
    assert.equal(hashPartitionKey(key), createHash('md5').update(key, 'utf8').digest('hex'));
  }
});

test('a partition key has the same hash again, and after many others', () => {
  const keys = Array.from({ length: 3 * kinesisLimits.hashKeysKept }, (_, n) => `key ${n}`);
  for (const round of [keys, keys.slice(0, 10), keys.toReversed()]) {
    for (const key of round) assert.equal(hashPartitionKey(key), md5(key));
  }
});

test('even ranges begin at multiples of floor(2^128 / n)', () => {
  assert.deepEqual(evenStarts(3).map(formatHashKey), [
    '0',
    '113427455640312821154458202477256070485',
    '226854911280625642308916404954512140970',
  ]);
  assert.equal(evenStarts(1).map(hashKeyToBigInt)[0], 0n);
});

test('the next key is recognized as computed', () => {
  const nearby = fc.integer({ min: -2, max: 2 });
  const edge = fc.nat(31).map((digits) => 16n ** BigInt(digits));
  fc.assert(
    fc.property(fc.oneof(anyHashKey, edge), nearby, (value, distance) => {
      const other = value + BigInt(distance);
      if (other < 0n || other >= 2n ** 128n) return;
      assert.equal(isNextHashKey(hashKeyFromBigInt(value), hashKeyFromBigInt(other)), distance === 1);
      assert.equal(isNextHashKey(hashKeyFromBigInt(other), hashKeyFromBigInt(value)), distance === -1);
    }),
  );
  assert.equal(isNextHashKey(LAST_HASH_KEY, '0'.repeat(32)), false);
});
