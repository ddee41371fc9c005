import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { ShardBatch } from '../../src/consumers/batch.ts';
import { KeyedLock } from '../../src/support/keyed-lock.ts';
import { startingPositions } from '../../src/consumers/checkpoints.ts';
import { StreamConsumer, type StreamConsumerOptions } from '../../src/consumers/stream-consumer.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { FakeStreams } from '../support/fake-streams.ts';
import { MemoryPositions } from '../support/memory-positions.ts';
import { until } from '../support/until.ts';

const text = (batch: ShardBatch): string[] => batch.records.map(({ data }) => Buffer.from(data).toString());

function setup(t: TestContext, options: Partial<StreamConsumerOptions> = {}) {
  const source = new FakeStreams();
  const positions = new MemoryPositions();
  const batches: { readonly shard: string; readonly texts: readonly string[] }[] = [];
  const consume = (more: Partial<StreamConsumerOptions> = {}): StreamConsumer => {
    const consumer = new StreamConsumer({
      name: 'test',
      stream: 's',
      source,
      positions,
      shardLocks: new KeyedLock(),
      batch: { recordsMax: 100, bytesMax: 1_000_000 },
      handle: async (batch) => void batches.push({ shard: batch.shard.shardId, texts: text(batch) }),
      clock: new ManualClock(),
      log: silentLog,
      ...options,
      ...more,
    });
    consumer.start();
    t.after(() => consumer.close());
    return consumer;
  };
  const all = (): string[] => batches.flatMap(({ texts }) => texts);
  return { source, positions, batches, all, consume };
}

function only<T>(list: readonly T[]): T {
  assert.equal(list.length, 1);
  const [first] = list;
  assert.ok(first !== undefined);
  return first;
}

describe('a stream consumer', () => {
  test('delivers existing and new records in order, and advances its checkpoint', async (t) => {
    const { source, positions, all, consume } = setup(t);
    const shard = only(source.create('s'));
    source.put('s', shard, 'a', 'b');
    const consumer = consume();
    await until(() => all().length === 2);
    source.put('s', shard, 'c');
    await until(() => all().length === 3);
    await consumer.close();
    assert.deepEqual(all(), ['a', 'b', 'c']);
    assert.deepEqual(positions.rows.get(`i1/${shard}`), {
      state: 'reading',
      from: { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '1000002' },
    });
  });

  test("continues at an earlier consumer's checkpoint", async (t) => {
    const { source, all, consume } = setup(t);
    const shard = only(source.create('s'));
    source.put('s', shard, 'a');
    const first = consume();
    await until(() => all().length === 1);
    await first.close();
    source.put('s', shard, 'b');
    consume();
    await until(() => all().length === 2);
    assert.deepEqual(all(), ['a', 'b']);
  });

  test('waits for a stream that is created later', async (t) => {
    const { source, all, consume } = setup(t);
    consume();
    const shard = only(source.create('s'));
    source.put('s', shard, 'a');
    await until(() => all().length === 1);
  });

  test('reads a stream created again under the name from its beginning', async (t) => {
    const { source, all, consume } = setup(t);
    source.put('s', only(source.create('s')), 'old');
    consume();
    await until(() => all().length === 1);
    source.delete('s');
    source.put('s', only(source.create('s')), 'new');
    await until(() => all().length === 2);
    assert.deepEqual(all(), ['old', 'new']);
  });

  test('finishes a parent before it starts the children of a split', async (t) => {
    let fail = true;
    const { source, batches, consume } = setup(t);
    const parent = only(source.create('s'));
    source.put('s', parent, 'a', 'b');
    const [left = '', right = ''] = source.split('s', parent);
    source.put('s', left, 'c');
    source.put('s', right, 'd');
    const clock = new ManualClock();
    let failures = 0;
    consume({
      clock,
      handle: async (batch) => {
        if (fail && ++failures > 0) throw new Error('not yet');
        batches.push({ shard: batch.shard.shardId, texts: text(batch) });
      },
    });
    await until(() => failures === 1);
    clock.advance(100);
    await until(() => failures === 2);
    assert.deepEqual(batches, [], 'no child is read while its parent is not finished');
    fail = false;
    clock.advance(200);
    await until(() => batches.length === 3);
    assert.deepEqual(batches[0], { shard: parent, texts: ['a', 'b'] });
    const children = batches.slice(1).map(({ shard }) => shard);
    assert.deepEqual(new Set(children), new Set([left, right]));
  });

  test('starts the child of a merge only when both parents are finished', async (t) => {
    const { source, batches, consume } = setup(t);
    const [first = '', second = ''] = source.create('s', 2);
    let open: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    source.put('s', first, 'a');
    source.put('s', second, 'b');
    consume({
      handle: async (batch) => {
        if (batch.shard.shardId === second) await gate;
        batches.push({ shard: batch.shard.shardId, texts: text(batch) });
      },
    });
    await until(() => batches.length === 1);
    const child = source.merge('s', first, second);
    source.put('s', child, 'c');
    await until(() => source.describe('s') !== undefined && batches.length === 1);
    open?.();
    await until(() => batches.length === 3);
    assert.deepEqual(
      batches.map(({ shard }) => shard),
      [first, second, child],
    );
  });

  test("reads the children when the parents have expired, and drops the parents' checkpoints", async (t) => {
    const { source, positions, all, consume } = setup(t);
    const parent = only(source.create('s'));
    source.put('s', parent, 'a');
    const consumer = consume();
    await until(() => all().length === 1);
    await consumer.close();
    const [left = ''] = source.split('s', parent);
    source.put('s', left, 'b');
    source.expire('s', parent);
    consume();
    await until(() => all().length === 2);
    await until(() => !positions.rows.has(`i1/${parent}`));
  });

  test('delivers a failed batch again, unchanged, with growing pauses', async (t) => {
    const { source, consume } = setup(t);
    const shard = only(source.create('s'));
    source.put('s', shard, 'a', 'b');
    const clock = new ManualClock();
    const attempts: { readonly attempt: number; readonly texts: readonly string[]; readonly at: number }[] =
      [];
    consume({
      clock,
      handle: async (batch) => {
        attempts.push({ attempt: batch.attempt, texts: text(batch), at: clock.now() });
        if (attempts.length < 4) throw new Error('no');
      },
    });
    for (const [count, pause] of [
      [1, 100],
      [2, 200],
      [3, 400],
    ] as const) {
      await until(() => attempts.length === count);
      await until(() => {
        clock.advance(pause / 4);
        return attempts.length === count + 1;
      });
    }
    assert.deepEqual(
      attempts.map(({ attempt }) => attempt),
      [1, 2, 3, 4],
    );
    assert.ok(attempts.every(({ texts }) => texts.join() === 'a,b'));
    assert.ok(attempts.every(({ at }, index) => at >= 100 * (2 ** index - 1)));
  });

  test('delivers only the records after the checkpoint again', async (t) => {
    const { source, positions, consume } = setup(t);
    const shard = only(source.create('s'));
    source.put('s', shard, 'a', 'b', 'c');
    const clock = new ManualClock();
    const handed: string[] = [];
    let stored: unknown;
    consume({
      clock,
      handle: async (batch) => {
        handed.push(text(batch).join(''));
        if (handed.length > 1) {
          stored = positions.rows.get(`i1/${shard}`);
          return;
        }
        await batch.checkpoint(2);
        throw new Error('c is bad');
      },
    });
    await until(() => {
      clock.advance(50);
      return handed.length === 2;
    });
    assert.deepEqual(handed, ['abc', 'c']);
    assert.deepEqual(stored, {
      state: 'reading',
      from: { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '1000001' },
    });
  });

  test('close waits for the batch in progress, and keeps its progress', async (t) => {
    const { source, positions, consume } = setup(t);
    const shard = only(source.create('s'));
    source.put('s', shard, 'a');
    let open: (() => void) | undefined;
    let begun = false;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const consumer = consume({
      handle: async () => {
        begun = true;
        await gate;
      },
    });
    await until(() => begun);
    let closed = false;
    const closing = consumer.close().then(() => (closed = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(closed, false);
    open?.();
    await closing;
    assert.equal(positions.rows.size, 1);
  });

  test('a second consumer of the same name waits until the first has released its shards', async (t) => {
    const shardLocks = new KeyedLock();
    const { source, all, consume } = setup(t, { shardLocks });
    const shard = only(source.create('s'));
    const first = consume();
    source.put('s', shard, 'a');
    await until(() => all().length === 1);
    const second: string[] = [];
    consume({ handle: async (batch) => void second.push(...text(batch)) });
    source.put('s', shard, 'b');
    await until(() => all().length === 2);
    assert.deepEqual(second, []);
    await first.close();
    source.put('s', shard, 'c');
    await until(() => second.length === 1);
    assert.deepEqual(second, ['c']);
  });

  test('counts records that have expired meanwhile', async (t) => {
    const { source, consume } = setup(t);
    const shard = only(source.create('s'));
    source.put('s', shard, 'a', 'b', 'c');
    let expired: number | undefined;
    consume({
      handle: async (batch) => {
        source.trim('s', shard, 2);
        expired = await batch.expired();
      },
    });
    await until(() => expired !== undefined);
    assert.equal(expired, 2);
  });
});

describe('a consumer that starts at LATEST', () => {
  test('stores the tail, so that records put before its first read are not missed', async () => {
    const source = new FakeStreams();
    const [open = '', closed = ''] = source.create('s', 2);
    source.put('s', open, 'before');
    source.split('s', closed);
    const stream = source.describe('s');
    assert.ok(stream !== undefined);
    const positions = await startingPositions(source, stream, { type: 'LATEST' });
    source.put('s', open, 'after');
    assert.deepEqual(positions.get(closed), { state: 'finished' });
    const position = positions.get(open);
    assert.ok(position?.state === 'reading');
    const reader = await source.open(stream, open, position.from);
    const { records } = await reader.read({ maxRecords: 10, maxBytes: 1000 });
    assert.deepEqual(
      records.map(({ data }) => Buffer.from(data).toString()),
      ['after'],
    );
  });
});
