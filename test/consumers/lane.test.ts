import assert from 'node:assert/strict';
import { BufferRoom } from '../../src/consumers/buffer-room.ts';
import { describe, test } from 'node:test';
import type { BatchOptions } from '../../src/consumers/batch.ts';
import { ShardLane, type LaneRecord } from '../../src/consumers/lane.ts';
import { consumerLimits } from '../../src/consumers/limits.ts';
import { ManualClock } from '../../src/support/clock.ts';

const FILL_MS = 10;

const entry = (bytes: number, dataBytes = 0): LaneRecord => ({
  record: {
    sequenceNumber: '1',
    partitionKey: 'k',
    explicitHashKey: undefined,
    data: new Uint8Array(dataBytes),
    arrivalMs: 0,
  },
  bytes,
  markHandled: () => undefined,
});

function lane(options: Partial<BatchOptions> = {}) {
  const clock = new ManualClock();
  return { clock, lane: new ShardLane({ recordsMax: 3, bytesMax: 100, ...options }, clock, FILL_MS) };
}

describe('a lane', () => {
  test('limits batches by count and size, but always accepts a single record', () => {
    const { lane: waiting } = lane();
    for (const bytes of [60, 40, 1, 500, 1, 1, 1, 1]) waiting.push(entry(bytes));
    const taken: number[][] = [];
    while (waiting.length > 0) taken.push(waiting.take().map(({ bytes }) => bytes));
    assert.deepEqual(taken, [[60, 40], [1], [500], [1, 1, 1], [1]]);
    assert.equal(waiting.bytes, 0);
  });

  test('is ready immediately when there is no more to read, and soon when there is', () => {
    const { lane: waiting, clock } = lane();
    assert.ok(!waiting.ready(true, true), 'not without a record');
    waiting.push(entry(1));
    assert.ok(waiting.ready(true, false));
    assert.ok(!waiting.ready(false, false));
    clock.advance(FILL_MS);
    assert.ok(waiting.ready(false, false));
  });

  test('is ready immediately when its batch is full, with or without a window', () => {
    const { lane: waiting } = lane({ windowMs: 1000 });
    waiting.push(entry(99));
    assert.ok(!waiting.ready(true, false));
    waiting.push(entry(1));
    assert.ok(waiting.ready(false, false));
  });

  test('has consecutive windows without gaps, starting with the previous batch', () => {
    const { lane: waiting, clock } = lane({ windowMs: 1000 });
    clock.advance(2500);
    waiting.push(entry(1));
    assert.equal(waiting.dueMs, 3000, 'the third window since the beginning');
    clock.advance(500);
    assert.ok(waiting.ready(true, false));
    waiting.busy = true;
    waiting.take();
    assert.equal(waiting.dueMs, Infinity);
    clock.advance(100);
    waiting.push(entry(1));
    waiting.release();
    assert.equal(waiting.dueMs, 4100, 'the first window since that batch was done');
  });

  test('waits until its oldest record reaches the maximum age, however late it arrived', () => {
    const { lane: waiting, clock } = lane({ ageMsMax: 1000 });
    clock.advance(400);
    waiting.push(entry(1));
    assert.equal(waiting.dueMs, 1000);
    assert.ok(!waiting.ready(true, false));
    clock.advance(600);
    waiting.push(entry(1));
    assert.ok(waiting.ready(true, false));
    waiting.busy = true;
    waiting.take();
    waiting.push(entry(1));
    waiting.release();
    assert.ok(!waiting.ready(false, false), 'a reader that lags fills its batch');
    assert.ok(
      waiting.ready(true, false),
      'what arrived long ago goes at once when there is nothing more to read',
    );
  });

  test('delivers before its batch is full when the memory of all is used up, and gives its share back', () => {
    const { recordOverheadBytes: overhead } = consumerLimits;
    const room = new BufferRoom(100 + overhead, 10 + overhead);
    const { lane: waiting } = lane({ ageMsMax: 1000, room });
    waiting.push(entry(10, 10));
    assert.ok(!waiting.ready(true, false), 'there is room');
    room.take(95);
    assert.ok(room.isFull);
    assert.ok(waiting.ready(true, false));
    waiting.busy = true;
    waiting.take();
    assert.ok(room.isFull, 'what is being handled is held');
    waiting.release();
    assert.ok(!room.isFull);
    waiting.push(entry(9, 9));
    assert.ok(room.isFull);
    assert.ok(!waiting.ready(true, false), 'each may hold a little');
    waiting.drop();
    assert.ok(!room.isFull);
  });

  test('counts the memory that small records take besides their data', () => {
    const room = new BufferRoom(3 * consumerLimits.recordOverheadBytes, 0);
    const { lane: waiting } = lane({ ageMsMax: 1000, room, recordsMax: 1000 });
    for (let count = 0; count < 3; count++) waiting.push(entry(0));
    assert.ok(room.isFull);
    assert.ok(waiting.ready(true, false), 'what waits is delivered before its batch is full');
  });

  test("does not wait for its window at the shard's end", () => {
    const { lane: waiting } = lane({ windowMs: 1000 });
    waiting.push(entry(1));
    assert.ok(waiting.ready(true, true));
  });
});
