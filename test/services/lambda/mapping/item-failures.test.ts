import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstFailure } from '../../../../src/services/lambda/mapping/item-failures.ts';
import { records } from './records.ts';

const batch = records(['a', 'b', 'c']);
const failure = (index: number) => ({ itemIdentifier: batch[index]?.sequenceNumber });
const first = (answer: unknown): number => firstFailure(Buffer.from(JSON.stringify(answer)), batch);

describe('batch item failures', () => {
  test('identify the first failed record, in whatever order', () => {
    assert.equal(first({ batchItemFailures: [failure(2), failure(1)] }), 1);
  });

  test('without entries mean success', () => {
    for (const answer of [null, '', {}, { batchItemFailures: [] }, { batchItemFailures: null }]) {
      assert.equal(first(answer), 3, JSON.stringify(answer));
    }
    assert.equal(firstFailure(Buffer.alloc(0), batch), 3);
  });

  test('that cannot be parsed mean that all failed', () => {
    const unclear = [
      { batchItemFailures: [{ itemIdentifier: '' }] },
      { batchItemFailures: [{ itemIdentifier: null }] },
      { batchItemFailures: [{ wrongKey: failure(1).itemIdentifier }] },
      { batchItemFailures: [{ itemIdentifier: 'unknown' }] },
      { batchItemFailures: [failure(2), { itemIdentifier: 'unknown' }] },
      { batchItemFailures: 'x' },
      'x',
      1,
    ];
    for (const answer of unclear) assert.equal(first(answer), 0, JSON.stringify(answer));
    assert.equal(firstFailure(Buffer.from('no json'), batch), 0);
  });
});
