import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  LAST_ORDINAL,
  numberOf,
  SHARD_INDEX_MAX,
  shardPart,
} from '../../../../src/services/kinesis/records/sequence-number.ts';
import { SequenceRun } from '../../../../src/services/kinesis/records/sequence-run.ts';

const seconds = fc.integer({ min: 0, max: 16 ** 9 - 1 });
const shard = fc.tuple(seconds, fc.integer({ min: 0, max: SHARD_INDEX_MAX }));

test('a run yields the same numbers as single conversions', () => {
  const ordinals = fc.bigInt({ min: 0n, max: LAST_ORDINAL - 300n });
  fc.assert(
    fc.property(shard, ordinals, seconds, fc.integer({ min: 1, max: 300 }), (made, first, arrival, count) => {
      const part = shardPart(...made);
      const run = new SequenceRun(numberOf(part, first, arrival));
      for (let i = 0n; i < count; i++) {
        assert.equal(run.next(), numberOf(part, first + i, arrival).toString());
      }
    }),
  );
});
