import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetRecordsCommand, MergeShardsCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import {
  createStream,
  iteratorFor,
  listShards,
  putAll,
  put,
  readShard,
  refused,
  SHARD_0,
  SHARD_1,
  texts,
} from '../support/streams.ts';

const merge = (ShardToMerge: string, AdjacentShardToMerge: string) =>
  new MergeShardsCommand({ StreamName: 'orders', ShardToMerge, AdjacentShardToMerge });
const MERGED = 'shardId-000000000002';

test('two shards become one with both as parents, and later sequence numbers than either', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  const { Records = [] } = await putAll(kinesis.client, 'orders', ['a', 'b', 'c', 'd', 'e']);
  await kinesis.client.send(merge(SHARD_0, SHARD_1));
  const { ShardId, SequenceNumber } = await put(kinesis.client, 'orders', 'after');
  await kinesis.restart();
  assert.equal(ShardId, MERGED);
  const child = (await listShards(kinesis.client, 'orders'))[2];
  assert.deepEqual([child?.ParentShardId, child?.AdjacentParentShardId], [SHARD_0, SHARD_1]);
  assert.deepEqual(child?.HashKeyRange, {
    StartingHashKey: '0',
    EndingHashKey: (2n ** 128n - 1n).toString(),
  });
  for (const record of Records) assert(BigInt(record.SequenceNumber ?? 0) < BigInt(SequenceNumber ?? 0));
  const parents = await Promise.all([SHARD_0, SHARD_1].map((id) => readShard(kinesis.client, 'orders', id)));
  assert.deepEqual(texts(parents.flat()).sort(), ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders', MERGED)), ['after']);
});

test('both parents name the child at their end', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  await kinesis.client.send(merge(SHARD_0, SHARD_1));
  for (const ShardId of [SHARD_0, SHARD_1]) {
    const ShardIterator = await iteratorFor(kinesis.client, 'orders', { ShardId });
    const end = await kinesis.client.send(new GetRecordsCommand({ ShardIterator }));
    assert.equal(end.NextShardIterator, undefined);
    assert.deepEqual(
      end.ChildShards?.map((child) => [child.ShardId, child.ParentShards]),
      [[MERGED, [SHARD_0, SHARD_1]]],
    );
  }
});

test("shards that cannot be merged are reported with AWS's messages", async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 3);
  for (const [one, other] of [
    [SHARD_0, MERGED],
    [SHARD_0, SHARD_0],
    [MERGED, SHARD_0],
  ] as const) {
    await refused(
      kinesis.client.send(merge(one, other)),
      'InvalidArgumentException',
      `Shards ${one} and ${other} in stream orders under account 000000000000 are not an adjacent pair of shards ` +
        'eligible for merging',
    );
  }
  await refused(kinesis.client.send(merge(SHARD_0, 'shardId-000000000009')), 'ResourceNotFoundException');
  await kinesis.client.send(merge(SHARD_0, SHARD_1));
  await refused(
    kinesis.client.send(merge(SHARD_0, SHARD_1)),
    'InvalidArgumentException',
    /already been merged/,
  );
});
