import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateStreamCommand, UpdateStreamRecordDistributionStrategyCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, callRaw, createStream, refused } from '../support/streams.ts';

const update = (name: string, RecordDistributionStrategy: 'AUTO' | 'USER_PARTITION_KEY') =>
  new UpdateStreamRecordDistributionStrategyCommand({
    StreamARN: `${ARN}/${name}`,
    RecordDistributionStrategy,
  });

test('AUTO spreads records evenly and needs no partition key; then keys decide again', async () => {
  await using kinesis = await startKinesis();
  const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
  await kinesis.client.send(new CreateStreamCommand({ StreamName: 'free', StreamModeDetails }));
  await kinesis.client.send(update('free', 'AUTO'));
  const put = async (records: object[]) => {
    const { status, body } = await callRaw(kinesis.endpoint, 'PutRecords', {
      StreamName: 'free',
      Records: records,
    });
    assert.equal(status, 200);
    const counts = new Map<string, number>();
    for (const { ShardId } of body['Records'] as { ShardId: string }[]) {
      counts.set(ShardId, (counts.get(ShardId) ?? 0) + 1);
    }
    return [...counts.values()];
  };
  assert.deepEqual(await put(Array.from({ length: 40 }, () => ({ Data: 'AA==' }))), [10, 10, 10, 10]);
  const sameKey = Array.from({ length: 40 }, () => ({
    Data: 'AA==',
    PartitionKey: 'k',
    ExplicitHashKey: '1',
  }));
  assert.deepEqual(await put(sameKey), [10, 10, 10, 10]);
  await kinesis.client.send(update('free', 'USER_PARTITION_KEY'));
  assert.deepEqual(await put(sameKey), [40]);
});

test('it is for on-demand streams', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(kinesis.client.send(update('orders', 'AUTO')), 'InvalidArgumentException', /ON_DEMAND/);
  await kinesis.client.send(update('orders', 'USER_PARTITION_KEY'));
});
