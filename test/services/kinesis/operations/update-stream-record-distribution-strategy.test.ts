import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { CreateStreamCommand, UpdateStreamRecordDistributionStrategyCommand } from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, callRaw, createStream, readShard, refused } from '../support/streams.ts';

const update = (name: string, RecordDistributionStrategy: 'AUTO' | 'USER_PARTITION_KEY') =>
  new UpdateStreamRecordDistributionStrategyCommand({
    StreamARN: `${ARN}/${name}`,
    RecordDistributionStrategy,
  });

test('AUTO distributes records evenly and needs no partition key; afterwards keys decide again', async () => {
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

test('identical records sent one by one are distributed evenly too, and a retry goes where the first went', async () => {
  await using kinesis = await startKinesis();
  await kinesis.client.send(
    new CreateStreamCommand({
      StreamName: 'free',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      RecordDistributionStrategy: 'AUTO',
    }),
  );
  const put = async (headers: Record<string, string> = {}) => {
    const input = { StreamName: 'free', Data: 'AA==' };
    const { status, body } = await callRaw(kinesis.endpoint, 'PutRecord', input, headers);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const counts = new Map<unknown, number>();
  for (let i = 0; i < 40; i++) {
    const { ShardId } = await put();
    counts.set(ShardId, (counts.get(ShardId) ?? 0) + 1);
  }
  assert.deepEqual([...counts.values()], [10, 10, 10, 10]);
  const headers = { 'amz-sdk-invocation-id': 'f0e1d2c3-b4a5-4697-8879-6a5b4c3d2e1f' };
  const first = await put(headers);
  assert.deepEqual(await put(headers), first);
  const { ShardId } = first;
  assert(typeof ShardId === 'string');
  const read = await readShard(kinesis.client, 'free', ShardId);
  assert.deepEqual(
    read.map(({ PartitionKey }) => PartitionKey),
    Array.from({ length: 11 }, () => ''),
  );
});

test('without AUTO a record requires a partition key', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { status, body } = await callRaw(kinesis.endpoint, 'PutRecord', {
    StreamName: 'orders',
    Data: 'AA==',
  });
  assert.equal(status, 400);
  assert.deepEqual(body, {
    __type: 'ValidationException',
    message:
      "1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: " +
      'Member must not be null',
  });
});

test('it requires an on-demand stream', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(kinesis.client.send(update('orders', 'AUTO')), 'InvalidArgumentException', /ON_DEMAND/);
  await kinesis.client.send(update('orders', 'USER_PARTITION_KEY'));
});

// A repeat was once told places by the strategy that had come since: of shards in which its records were not.
test('a call repeated after the strategy was changed gets its first response', async () => {
  const onDemand = { StreamModeDetails: { StreamMode: 'ON_DEMAND' } } as const;
  for (const limits of [{}, { shardWriteRecordsPerSecond: 2 }]) {
    await using kinesis = await startKinesis({ limits, clock: new ManualClock(1_790_000_000_000) });
    for (const [from, to] of [
      ['AUTO', 'USER_PARTITION_KEY'],
      ['USER_PARTITION_KEY', 'AUTO'],
    ] as const) {
      const StreamName = `from-${from}`;
      await kinesis.client.send(
        new CreateStreamCommand({ StreamName, ...onDemand, RecordDistributionStrategy: from }),
      );
      const callOf = (count: number) => {
        const Records = Array.from({ length: count }, (_, n) => ({ PartitionKey: `k${n}`, Data: 'AA==' }));
        const headers = { 'amz-sdk-invocation-id': randomUUID() };
        return () => callRaw(kinesis.endpoint, 'PutRecords', { StreamName, Records }, headers);
      };
      // As many as there are shards and fewer; and so many that, with limits, each shard refuses some.
      const calls = [callOf(1), callOf(3), callOf(10), callOf(21)];
      const answers = [];
      for (const call of calls) answers.push(await call());
      const refusedCounts = answers.map(({ body }) => body['FailedRecordCount']);
      assert.equal(
        refusedCounts.some((count) => count !== 0),
        'shardWriteRecordsPerSecond' in limits,
      );
      await kinesis.client.send(update(StreamName, to));
      for (const [n, call] of calls.entries()) {
        if (refusedCounts[n] !== 21) assert.deepEqual(await call(), answers[n]);
      }
      await kinesis.restart();
      for (const [n, call] of calls.entries()) {
        if (refusedCounts[n] !== 21) assert.deepEqual(await call(), answers[n]);
      }
    }
  }
});
