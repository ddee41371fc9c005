import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLoad, type LoadRecord } from './load.ts';

const acknowledged: LoadRecord[] = [0, 1, 2].flatMap((n) => [
  { writer: 'a', n, sequenceNumber: String(10 + 2 * n) },
  { writer: 'b', n, sequenceNumber: String(11 + 2 * n) },
]);

test('the check of a load finds records that are lost, doubled, moved or out of order', () => {
  checkLoad(acknowledged, acknowledged);
  const lost = acknowledged.toSpliced(3, 1);
  const doubled = [...acknowledged, { writer: 'a', n: 2, sequenceNumber: '99' }];
  const moved = acknowledged.with(5, { writer: 'b', n: 2, sequenceNumber: '99' });
  const swapped = [2, 3, 0, 1, 4, 5].flatMap((at) => acknowledged[at] ?? []);
  const renumbered = swapped.map((record, at) => ({ ...record, sequenceNumber: String(at) }));
  for (const found of [lost, doubled, moved, swapped, renumbered]) {
    assert.throws(() => checkLoad(found, acknowledged), { name: 'AssertionError' });
  }
});
