import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeleteStreamCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { type ShardReader, UnknownShardError } from '../../../../src/consumers/source.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { type KinesisTest, startKinesis } from '../support/server.ts';
import { ARN, createStream, put, SHARD_0, SHARD_1 } from '../support/streams.ts';

const most = { maxRecords: 100, maxBytes: 1e6 };
const never = new AbortController().signal;

async function open(kinesis: KinesisTest, position: 'TRIM_HORIZON' | 'LATEST' = 'TRIM_HORIZON') {
  const stream = kinesis.kinesis.source.describe('orders');
  assert(stream !== undefined);
  return await kinesis.kinesis.source.open(stream, SHARD_0, { type: position });
}

async function read(reader: ShardReader) {
  const { records, ...rest } = await reader.read(most);
  return { ...rest, texts: records.map(({ data }) => Buffer.from(data).toString()) };
}

test('a stream is found by name and by ARN, with its shards and their lineage', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { source } = kinesis.kinesis;
  await kinesis.client.send(
    new SplitShardCommand({ StreamName: 'orders', ShardToSplit: SHARD_0, NewStartingHashKey: '1000' }),
  );
  const view = source.describe('orders');
  assert.deepEqual(source.describe(`${ARN}/orders`), view);
  assert.deepEqual(view?.shards, [
    {
      shardId: SHARD_0,
      parentShardIds: [],
      closed: true,
      startingHashKey: 0n,
      endingHashKey: 2n ** 128n - 1n,
    },
    { shardId: SHARD_1, parentShardIds: [SHARD_0], closed: false, startingHashKey: 0n, endingHashKey: 999n },
    {
      shardId: 'shardId-000000000002',
      parentShardIds: [SHARD_0],
      closed: false,
      startingHashKey: 1000n,
      endingHashKey: 2n ** 128n - 1n,
    },
  ]);
  assert.equal(source.describe('no'), undefined);
  assert.equal(source.describe('arn:aws:kinesis:eu-west-1:000000000000:stream/orders'), undefined);
});

test('a reader continues at its position after a restart', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const reader = await open(kinesis);
  const empty = reader.position();
  for (const text of ['a', 'b', 'c']) await put(kinesis.client, 'orders', text);
  const first = await reader.read({ maxRecords: 2, maxBytes: 1e6 });
  assert.equal(first.records.length, 2);
  assert(first.millisBehindLatest > 0);
  const position = reader.position();
  await kinesis.restart();
  const stream = kinesis.kinesis.source.describe('orders');
  assert(stream !== undefined);
  const { source } = kinesis.kinesis;
  assert.deepEqual((await read(await source.open(stream, SHARD_0, position))).texts, ['c']);
  assert.deepEqual((await read(await source.open(stream, SHARD_0, empty))).texts, ['a', 'b', 'c']);
});

test('a wait ends with a record, or with the end of the shard once its children are known', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const reader = await open(kinesis, 'LATEST');
  const woken = reader.wait(never);
  await put(kinesis.client, 'orders', 'a');
  await woken;
  assert.deepEqual(await read(reader), { texts: ['a'], millisBehindLatest: 0, ended: false });
  const ended = reader.wait(never).then(() => kinesis.kinesis.source.describe('orders')?.shards.length);
  await kinesis.client.send(
    new SplitShardCommand({ StreamName: 'orders', ShardToSplit: SHARD_0, NewStartingHashKey: '1000' }),
  );
  assert.equal(await ended, 3);
  assert.deepEqual(await read(reader), { texts: [], millisBehindLatest: 0, ended: true });
  await reader.wait(never);
});

test('a wait ends when it is aborted', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const reader = await open(kinesis, 'LATEST');
  const stop = new AbortController();
  const waiting = reader.wait(stop.signal);
  stop.abort();
  await waiting;
});

test('nothing is read of a deleted stream, or of one that was created again', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { source } = kinesis.kinesis;
  const view = source.describe('orders');
  assert(view !== undefined);
  const reader = await open(kinesis, 'LATEST');
  const waiting = reader.wait(never);
  await kinesis.client.send(new DeleteStreamCommand({ StreamName: 'orders' }));
  await waiting;
  await assert.rejects(reader.read(most), UnknownShardError);
  await createStream(kinesis.client);
  await assert.rejects(source.open(view, SHARD_0, { type: 'LATEST' }), UnknownShardError);
  assert.notEqual(source.describe('orders')?.incarnation, view.incarnation);
});

test('listeners are notified of changes of streams', async () => {
  await using kinesis = await startKinesis();
  const told: string[] = [];
  const stop = kinesis.kinesis.source.onChange((name) => told.push(name));
  await createStream(kinesis.client, 'one');
  await createStream(kinesis.client, 'two');
  await kinesis.client.send(
    new SplitShardCommand({ StreamName: 'one', ShardToSplit: SHARD_0, NewStartingHashKey: '1000' }),
  );
  assert.deepEqual(told, ['one', 'two', 'one']);
  await kinesis.client.send(new DeleteStreamCommand({ StreamName: 'two' }));
  assert.deepEqual(new Set(told), new Set(['one', 'two']));
  stop();
  const before = told.length;
  await createStream(kinesis.client, 'three');
  assert.equal(told.length, before);
});

test('a sweep trims what has expired', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  for (const text of ['a', 'b']) {
    await put(kinesis.client, 'orders', text);
    clock.advance(3_600_000);
  }
  const logs = kinesis.engine.catalog.table<{ log: number }>('kinesis.shards');
  const [log = 0] = Array.from(logs.entries(), ([, row]) => row.log);
  clock.advance(22 * 3_600_000 + 1);
  await kinesis.kinesis.sweep();
  assert.deepEqual(kinesis.engine.bounds(log).firstIndex, 1);
  clock.advance(3_600_000);
  await kinesis.kinesis.sweep();
  assert.deepEqual(kinesis.engine.bounds(log).firstIndex, 2);
});
