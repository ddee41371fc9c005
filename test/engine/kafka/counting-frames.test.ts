import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CountingFrames, decodeFetch } from '../../../src/engine/kafka/counting-frames.ts';
import { kafkaLimits } from '../../../src/engine/kafka/limits.ts';
import type { StoredRecord } from '../../../src/engine/kafka/record-batch.ts';
import { encodeFrame, FrameError } from '../../../src/engine/shared/envelope.ts';
import { LOG_START } from '../../../src/engine/shared/shared-log.ts';

const producer = { id: 7n, epoch: 0 };

/** A commit, or what begins a term. */
function record(offset: number, kind: 'takeover' | 'commit', sequence = offset): StoredRecord {
  const owner = { url: 'http://a', version: '1.0.0' };
  const content =
    kind === 'takeover'
      ? { kind, owner, id: `${offset}` }
      : ({ kind, payload: [Buffer.from(`${offset}`)] } as const);
  return { offset, producer, sequence, value: Buffer.concat(encodeFrame(1, content)) };
}

test('the frames of a large fetch come some at a time, in their order', async () => {
  const { framesDecodedMax } = kafkaLimits;
  const records = Array.from({ length: framesDecodedMax + 2 }, (_, offset) => record(offset, 'commit'));
  const { groups: found, next, failure } = await decodeFetch(records, 0);
  assert.deepEqual([next, failure], [records.length, undefined]);
  assert.deepEqual(
    found.map(({ length }) => length),
    [framesDecodedMax, 2],
  );
  assert.deepEqual(
    found.flat().map(({ frame }) => frame.position),
    records.map(({ offset }) => offset),
  );
});

test('the frames before one that cannot be read are read', async () => {
  const records = [record(0, 'takeover'), record(1, 'commit'), record(2, 'commit'), record(3, 'commit')];
  const damaged = records.map((each) => (each.offset === 2 ? { ...each, value: Buffer.alloc(100) } : each));
  const { groups, failure } = await decodeFetch(damaged, 0);
  assert.ok(failure instanceof FrameError);
  assert.deepEqual(
    groups.flat().map(({ frame }) => frame.position),
    [0, 1],
  );
});

test('a batch that the broker stored twice counts once, also within a fetch', async () => {
  const records = [
    record(0, 'takeover'),
    record(1, 'commit'),
    record(2, 'commit', 1),
    record(3, 'commit', 2),
  ];
  const counting = new CountingFrames(LOG_START);
  const { groups } = await decodeFetch(records, 0);
  const counted = groups.flat().filter((stored) => counting.accept(stored));
  assert.deepEqual(
    counted.map(({ frame }) => frame.position),
    [0, 1, 3],
  );
});
