import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateStreamCommand, type KinesisClient, UpdateShardCountCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, listShards, putAll, readShard, refused, texts } from '../support/streams.ts';

async function resize(client: KinesisClient, TargetShardCount: number) {
  return await client.send(
    new UpdateShardCountCommand({ StreamName: 'orders', TargetShardCount, ScalingType: 'UNIFORM_SCALING' }),
  );
}

test('any count between half and double is reached, with even open shards and every record in its shard', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 3);
  const sent: string[] = [];
  let open = 3;
  for (const target of [5, 4, 7, 7, 14, 8, 4]) {
    const batch = Array.from({ length: 40 }, (_, i) => `${sent.length + i}`);
    await putAll(kinesis.client, 'orders', batch);
    sent.push(...batch);
    const { $metadata: _, ...answer } = await resize(kinesis.client, target);
    assert.deepEqual(answer, {
      StreamName: 'orders',
      StreamARN: `${ARN}/orders`,
      CurrentShardCount: open,
      TargetShardCount: target,
    });
    open = target;
    const size = 2n ** 128n / BigInt(target);
    const shards = await listShards(kinesis.client, 'orders');
    const starts = shards
      .filter((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined)
      .map((shard) => BigInt(shard.HashKeyRange?.StartingHashKey ?? 0))
      .sort((a, b) => (a < b ? -1 : 1));
    assert.deepEqual(
      starts,
      Array.from({ length: target }, (_, i) => BigInt(i) * size),
    );
  }
  await kinesis.restart();
  const shards = await listShards(kinesis.client, 'orders');
  const read = await Promise.all(shards.map(({ ShardId }) => readShard(kinesis.client, 'orders', ShardId)));
  assert.deepEqual(texts(read.flat()).sort(), sent.sort());
});

test('more than double, less than half, or an on-demand stream is refused', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 4);
  await refused(
    resize(kinesis.client, 9),
    'LimitExceededException',
    'UpdateShardCount cannot scale up over double your current open shard count. ' +
      'Current open shard count: 4, Target shard count: 9',
  );
  await refused(resize(kinesis.client, 1), 'LimitExceededException', /scale down below half/);
  await kinesis.client.send(
    new CreateStreamCommand({ StreamName: 'free', StreamModeDetails: { StreamMode: 'ON_DEMAND' } }),
  );
  await refused(
    kinesis.client.send(
      new UpdateShardCountCommand({
        StreamName: 'free',
        TargetShardCount: 5,
        ScalingType: 'UNIFORM_SCALING',
      }),
    ),
    'ValidationException',
    /ON_DEMAND/,
  );
});
