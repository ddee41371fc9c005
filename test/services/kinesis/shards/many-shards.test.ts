import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type KinesisClient,
  ListShardsCommand,
  type ListShardsOutput,
  PutRecordsCommand,
  type Shard,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { formatHashKey, hashPartitionKey } from '../../../../src/services/kinesis/shards/hash-key.ts';
import { startKinesis } from '../support/server.ts';
import { createStream, readShard, texts } from '../support/streams.ts';

/** As bench/shards.ts does with 10,000. */
const MANY = 2_500;

async function everyShard(client: KinesisClient): Promise<{ shards: Shard[]; pages: number }> {
  const shards: Shard[] = [];
  let pages = 0;
  let next: string | undefined;
  do {
    const answer: ListShardsOutput = await client.send(
      new ListShardsCommand(next === undefined ? { StreamName: 'orders' } : { NextToken: next }),
    );
    shards.push(...(answer.Shards ?? []));
    pages++;
    next = answer.NextToken;
  } while (next !== undefined);
  return { shards, pages };
}

const isOpen = (shard: Shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined;

function covers(shard: Shard, key: string): boolean {
  const hash = BigInt(formatHashKey(hashPartitionKey(key)));
  const { StartingHashKey = '0', EndingHashKey = '0' } = shard.HashKeyRange ?? {};
  return BigInt(StartingHashKey) <= hash && hash <= BigInt(EndingHashKey);
}

async function putKeys(client: KinesisClient, keys: readonly string[]) {
  const Records = keys.map((key) => ({ PartitionKey: key, Data: Buffer.from(key) }));
  const { Records: answers = [] } = await client.send(
    new PutRecordsCommand({ StreamName: 'orders', Records }),
  );
  return answers.map(({ ShardId = '' }) => ShardId);
}

test('thousands of shards are listed in pages, and each record goes to the shard of its key', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', MANY);
  const { shards, pages } = await everyShard(kinesis.client);
  assert.equal(shards.length, MANY);
  assert.equal(pages, 3);
  const byId = new Map(shards.map((shard) => [shard.ShardId, shard]));
  const keys = Array.from({ length: 100 }, (_, i) => `key${i}`);
  const placed = await putKeys(kinesis.client, keys);
  for (const [i, key] of keys.entries()) {
    const shard = byId.get(placed[i]);
    assert(shard !== undefined && covers(shard, key), key);
  }
});

test('thousands of shards change to a count without common bounds while records are put', async () => {
  await using kinesis = await startKinesis();
  const { client } = kinesis;
  await createStream(client, 'orders', MANY);
  let done = false;
  const update = client
    .send(
      new UpdateShardCountCommand({
        StreamName: 'orders',
        TargetShardCount: MANY - 1,
        ScalingType: 'UNIFORM_SCALING',
      }),
    )
    .finally(() => {
      done = true;
    });
  const isDone = () => done;
  let answeredMeanwhile = 0;
  const placed: { readonly key: string; readonly shardId: string }[] = [];
  for (let call = 0; !isDone(); call++) {
    const keys = Array.from({ length: 20 }, (_, i) => `${call}-${i}`);
    const shardIds = await putKeys(client, keys);
    if (!isDone()) answeredMeanwhile++;
    for (const [i, key] of keys.entries()) placed.push({ key, shardId: shardIds[i] ?? '' });
  }
  await update;
  assert(answeredMeanwhile >= 3, `${answeredMeanwhile} calls were answered meanwhile`);
  const { shards } = await everyShard(client);
  assert.equal(shards.filter(isOpen).length, MANY - 1);
  // All that was put is where the answer said, once; a sample of it, since each shard is read by itself.
  for (const { key, shardId } of placed.filter((_, i) => i % Math.ceil(placed.length / 40) === 0)) {
    assert.equal(texts(await readShard(client, 'orders', shardId)).filter((text) => text === key).length, 1);
  }
});
