import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type KinesisClient,
  ListShardsCommand,
  type ListShardsInput,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { createStream, refused, SHARD_0, SHARD_1 } from '../support/streams.ts';

const START = 1_790_000_000_000;
const HOUR = 3_600_000;

async function indexes(client: KinesisClient, input: Omit<ListShardsInput, 'StreamName'>): Promise<number[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: 'orders', ...input }));
  return Shards.map(({ ShardId }) => Number(ShardId?.slice('shardId-'.length)));
}

/** Shard 0 becomes 2 and 3 after an hour, 2 becomes 4 and 5 after two. */
async function resharded(clock: ManualClock, client: KinesisClient): Promise<void> {
  await createStream(client, 'orders', 2);
  const split = async (ShardToSplit: string, NewStartingHashKey: string) => {
    clock.advance(HOUR);
    await client.send(new SplitShardCommand({ StreamName: 'orders', ShardToSplit, NewStartingHashKey }));
  };
  await split(SHARD_0, '1000000');
  await split('shardId-000000000002', '500000');
}

test('the six types of ShardFilter select by which shards were open when', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await resharded(clock, kinesis.client);
  const filtered = (ShardFilter: ListShardsInput['ShardFilter']) => indexes(kinesis.client, { ShardFilter });
  const at = (hours: number) => new Date(START + hours * HOUR);

  assert.deepEqual(await indexes(kinesis.client, {}), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await filtered({ Type: 'AFTER_SHARD_ID', ShardId: 'shardId-000000000003' }), [4, 5]);
  assert.deepEqual(await filtered({ Type: 'AT_LATEST' }), [1, 3, 4, 5]);
  assert.deepEqual(await filtered({ Type: 'AT_TRIM_HORIZON' }), [0, 1]);
  assert.deepEqual(await filtered({ Type: 'FROM_TRIM_HORIZON' }), [0, 1, 2, 3, 4, 5]);
  // A KCL that is to begin before the stream was there once found no shards, and did not begin.
  assert.deepEqual(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: at(-100) }), [0, 1]);
  assert.deepEqual(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: at(0.5) }), [0, 1]);
  assert.deepEqual(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: at(1) }), [1, 2, 3]);
  assert.deepEqual(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: at(1.5) }), [1, 2, 3]);
  assert.deepEqual(await filtered({ Type: 'FROM_TIMESTAMP', Timestamp: at(1.5) }), [1, 2, 3, 4, 5]);
  assert.deepEqual(await filtered({ Type: 'FROM_TIMESTAMP', Timestamp: at(-100) }), [0, 1, 2, 3, 4, 5]);

  // Shard 0 was closed after one hour: a day later it is gone, and so is the time when it was open.
  clock.advance(23 * HOUR);
  assert.deepEqual(await indexes(kinesis.client, {}), [1, 2, 3, 4, 5]);
  assert.deepEqual(await filtered({ Type: 'AT_TRIM_HORIZON' }), [1, 2, 3]);
  assert.deepEqual(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: at(0.5) }), [1, 2, 3]);
});

test('a filter requires exactly the members of its type', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  for (const ShardFilter of [
    { Type: 'AFTER_SHARD_ID' },
    { Type: 'AT_TIMESTAMP' },
    { Type: 'AT_LATEST', ShardId: SHARD_0 },
    { Type: 'AT_LATEST', Timestamp: new Date() },
  ] as const) {
    await refused(
      indexes(kinesis.client, { ShardFilter }),
      'InvalidArgumentException',
      /ShardFilter of type/,
    );
  }
});

test('pages continue where the last one ended, with the same filter, for five minutes', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await resharded(clock, kinesis.client);
  const list = (input: ListShardsInput) => kinesis.client.send(new ListShardsCommand(input));
  const first = await list({ StreamName: 'orders', MaxResults: 2, ShardFilter: { Type: 'AT_LATEST' } });
  assert.equal(first.Shards?.length, 2);
  const { NextToken } = first;
  await kinesis.restart();
  const second = await list({ NextToken });
  assert.deepEqual(
    second.Shards?.map(({ ShardId }) => ShardId),
    ['shardId-000000000004', 'shardId-000000000005'],
  );
  assert.equal(second.NextToken, undefined);
  await refused(
    list({ StreamName: 'orders', NextToken }),
    'InvalidArgumentException',
    'NextToken and StreamName cannot be provided together.',
  );
  clock.advance(300_001);
  await refused(list({ NextToken }), 'ExpiredNextTokenException', /tolerated delay of 300000 milliseconds/);
  await refused(list({ NextToken: 'AAAA' }), 'InvalidArgumentException');
  await refused(list({}), 'InvalidArgumentException', 'Either NextToken or StreamName should be provided.');
});

test('the creation time distinguishes streams of the same name', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client, 'orders', 2);
  assert.deepEqual(await indexes(kinesis.client, { StreamCreationTimestamp: new Date(START) }), [0, 1]);
  await refused(
    indexes(kinesis.client, { StreamCreationTimestamp: new Date(START - 5000) }),
    'ResourceNotFoundException',
  );
  assert.deepEqual(await indexes(kinesis.client, { ExclusiveStartShardId: SHARD_0 }), [1]);
  assert.deepEqual(await indexes(kinesis.client, { ExclusiveStartShardId: SHARD_1 }), []);
});

test('at most a thousand shards are returned at once', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 1500);
  const { Shards, NextToken } = await kinesis.client.send(
    new ListShardsCommand({ StreamName: 'orders', MaxResults: 10_000 }),
  );
  assert.equal(Shards?.length, 1000);
  const rest = await kinesis.client.send(new ListShardsCommand({ NextToken }));
  assert.equal(rest.Shards?.length, 500);
});
