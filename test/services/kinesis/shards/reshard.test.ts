import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  DescribeStreamCommand,
  type KinesisClient,
  MergeShardsCommand,
  PutRecordsCommand,
  type Shard,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { hashPartitionKey } from '../../../../src/services/kinesis/shards/hash-key.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { callRaw, createStream, listShards, put, readShard, SHARD_0, texts } from '../support/streams.ts';

const isOpen = (shard: Shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined;

/** Splits, merges and resizes, one after the other, for as long as it is wanted. */
async function reshardOn(client: KinesisClient, stop: AbortSignal): Promise<number> {
  let changes = 0;
  for (; !stop.aborted; changes++) {
    const open = (await listShards(client, 'orders')).filter(isOpen);
    open.sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
    const [lower, upper] = open;
    if (changes % 3 === 0 && lower !== undefined) {
      const NewStartingHashKey = (
        (startOf(lower) + BigInt(lower.HashKeyRange?.EndingHashKey ?? 0)) /
        2n
      ).toString();
      await client.send(
        new SplitShardCommand({ StreamName: 'orders', ShardToSplit: lower.ShardId, NewStartingHashKey }),
      );
    } else if (changes % 3 === 1 && upper !== undefined) {
      await client.send(
        new MergeShardsCommand({
          StreamName: 'orders',
          ShardToMerge: lower?.ShardId,
          AdjacentShardToMerge: upper.ShardId,
        }),
      );
    } else {
      const TargetShardCount = open.length > 3 ? 2 : 4;
      await client.send(
        new UpdateShardCountCommand({
          StreamName: 'orders',
          TargetShardCount,
          ScalingType: 'UNIFORM_SCALING',
        }),
      );
    }
  }
  return changes;
}

function startOf(shard: Shard): bigint {
  return BigInt(shard.HashKeyRange?.StartingHashKey ?? 0);
}

test('puts during reshards are never lost, refused, duplicated or reordered', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  const stop = new AbortController();
  const resharding = reshardOn(kinesis.client, stop.signal);
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let batch = 0; batch < 40; batch++) {
      const Records = Array.from({ length: 5 }, (_, i) => ({
        PartitionKey: `key ${writer}`,
        Data: Buffer.from(`${writer} ${batch * 5 + i}`),
      }));
      const { FailedRecordCount } = await kinesis.client.send(
        new PutRecordsCommand({ StreamName: 'orders', Records }),
      );
      assert.equal(FailedRecordCount, 0);
    }
  });
  await Promise.all(writers).finally(() => stop.abort());
  const changes = await resharding;
  assert(changes >= 3, `only ${changes} reshards`);
  await kinesis.restart();

  const shards = await listShards(kinesis.client, 'orders');
  const records = [];
  for (const shard of shards) {
    const { StartingSequenceNumber = '', EndingSequenceNumber } = shard.SequenceNumberRange ?? {};
    for (const record of await readShard(kinesis.client, 'orders', shard.ShardId)) {
      const key = BigInt(`0x${hashPartitionKey(record.PartitionKey ?? '')}`);
      assert(startOf(shard) <= key && key <= BigInt(shard.HashKeyRange?.EndingHashKey ?? 0));
      const number = BigInt(record.SequenceNumber ?? 0);
      assert(number > BigInt(StartingSequenceNumber));
      assert(EndingSequenceNumber === undefined || number < BigInt(EndingSequenceNumber));
      records.push({ number, writer: record.PartitionKey, text: Buffer.from(record.Data ?? []).toString() });
    }
  }
  // In the order of their numbers, each key's records are in the order in which they were put: over all shards.
  records.sort((a, b) => (a.number < b.number ? -1 : 1));
  for (let writer = 0; writer < 8; writer++) {
    assert.deepEqual(
      records.filter((record) => record.writer === `key ${writer}`).map(({ text }) => text),
      Array.from({ length: 200 }, (_, i) => `${writer} ${i}`),
    );
  }
});

test('a call repeated after a reshard gets its first response', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const Records = Array.from({ length: 20 }, (_, i) => ({ PartitionKey: `${i}`, Data: 'AAAA' }));
  const headers = { 'amz-sdk-invocation-id': randomUUID() };
  const call = () => callRaw(kinesis.endpoint, 'PutRecords', { StreamName: 'orders', Records }, headers);
  const first = await call();
  const split = (ShardToSplit: string, at: bigint) =>
    kinesis.client.send(
      new SplitShardCommand({ StreamName: 'orders', ShardToSplit, NewStartingHashKey: at.toString() }),
    );
  await split(SHARD_0, 2n ** 127n);
  assert.deepEqual(await call(), first);
  await split('shardId-000000000001', 2n ** 126n);
  await kinesis.restart();
  assert.deepEqual(await call(), first);
  assert.equal((await readShard(kinesis.client, 'orders')).length, 20);
  for (const shard of ['1', '2', '3', '4'])
    assert.deepEqual(await readShard(kinesis.client, 'orders', shard), []);
});

// What was put in the very millisecond of a reshard was once told the children's numbers, which others had.
test('calls concurrent with reshards, each repeated, get their first responses', async () => {
  // It stands still: all arrive in the millisecond of all reshards.
  await using kinesis = await startKinesis({ clock: new ManualClock(1_790_000_000_000) });
  await createStream(kinesis.client, 'orders', 2);
  const stop = new AbortController();
  const resharding = reshardOn(kinesis.client, stop.signal);
  const calls: { readonly send: () => Promise<unknown>; readonly answer: unknown }[] = [];
  const numbers = new Set<unknown>();
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let n = 0; n < 40; n++) {
      const headers = { 'amz-sdk-invocation-id': randomUUID() };
      const records = Array.from({ length: 6 }, (_value, i) => ({
        PartitionKey: `key ${writer} ${i}`,
        Data: Buffer.from(`${n}`).toString('base64'),
      }));
      const input = n % 2 === 0 ? { Records: records } : records[0];
      const operation = n % 2 === 0 ? 'PutRecords' : 'PutRecord';
      const send = () => callRaw(kinesis.endpoint, operation, { StreamName: 'orders', ...input }, headers);
      const answer = await send();
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const { Records = [answer.body] } = answer.body as { Records?: Record<string, unknown>[] };
      for (const { SequenceNumber } of Records) numbers.add(SequenceNumber);
      calls.push({ send, answer });
    }
  });
  await Promise.all(writers).finally(() => stop.abort());
  const changes = await resharding;
  assert(changes >= 3, `only ${changes} reshards`);
  const COUNT = 8 * (20 * 6 + 20);
  assert.equal(numbers.size, COUNT);
  for (const { send, answer } of calls) assert.deepEqual(await send(), answer);
  await kinesis.restart();
  for (const { send, answer } of calls) assert.deepEqual(await send(), answer);
  const stored = new Set<unknown>();
  for (const { ShardId } of await listShards(kinesis.client, 'orders')) {
    for (const { SequenceNumber } of await readShard(kinesis.client, 'orders', ShardId)) {
      stored.add(SequenceNumber);
    }
  }
  assert.deepEqual(stored, numbers);
});

test('a reshard started before the server stopped is completed when it starts', async () => {
  const options = { lifecycleMs: 20 };
  await using kinesis = await startKinesis(options);
  await createStream(kinesis.client);
  await untilActive(kinesis.client);
  await put(kinesis.client, 'orders', 'before');
  const table = kinesis.engine.catalog.table<{ log: number }>('kinesis.shards');
  const parents = Array.from(table.entries(), ([, { log }]) => log);
  await kinesis.client.send(
    new SplitShardCommand({ StreamName: 'orders', ShardToSplit: SHARD_0, NewStartingHashKey: '1000' }),
  );
  // The state that a crash leaves which comes after the parent is sealed and before the children are there. On a
  // busy machine the children may be there already: they must not be sealed.
  for (const log of parents) await kinesis.engine.seal(log);
  await kinesis.restart();
  await untilActive(kinesis.client);
  const { ShardId } = await put(kinesis.client, 'orders', 'after');
  assert.equal(ShardId, 'shardId-000000000002');
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['before']);
});

async function untilActive(client: KinesisClient): Promise<void> {
  for (;;) {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: 'orders' }));
    if (StreamDescription?.StreamStatus === 'ACTIVE') return;
  }
}
