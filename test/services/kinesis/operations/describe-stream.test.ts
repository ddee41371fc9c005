import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeStreamCommand, DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, callRaw, createStream, refused, SHARD_1 } from '../support/streams.ts';

test("a stream is described with all of AWS's members", async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { StreamDescription } = await kinesis.client.send(
    new DescribeStreamCommand({ StreamName: 'orders' }),
  );
  const { Shards, StreamCreationTimestamp, ...rest } = StreamDescription ?? {};
  assert.deepEqual(rest, {
    StreamName: 'orders',
    StreamARN: `${ARN}/orders`,
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    HasMoreShards: false,
    RetentionPeriodHours: 24,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  });
  assert(StreamCreationTimestamp instanceof Date);
  assert.match(Shards?.[0]?.SequenceNumberRange?.StartingSequenceNumber ?? '', /^\d{56}$/);
});

test('shards are returned in pages, a hundred unless a smaller Limit is given', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'wide', 150);
  const describe = async (options: object) => {
    const answer = await kinesis.client.send(new DescribeStreamCommand({ StreamName: 'wide', ...options }));
    const { Shards = [], HasMoreShards } = answer.StreamDescription ?? {};
    return [Shards.length, Shards[0]?.ShardId, HasMoreShards];
  };
  assert.deepEqual(await describe({}), [100, 'shardId-000000000000', true]);
  assert.deepEqual(await describe({ Limit: 10_000 }), [100, 'shardId-000000000000', true]);
  assert.deepEqual(await describe({ ExclusiveStartShardId: SHARD_1, Limit: 2 }), [
    2,
    'shardId-000000000002',
    true,
  ]);
  assert.deepEqual(await describe({ ExclusiveStartShardId: 'shardId-000000000139' }), [
    10,
    'shardId-000000000140',
    false,
  ]);
  await refused(
    describe({ ExclusiveStartShardId: 'x-y' }),
    'ResourceNotFoundException',
    /Could not find shard x-y/,
  );
});

test('name, ARN and id identify the same stream; a mismatch is reported', async () => {
  await using kinesis = await startKinesis({ streamIds: 'shown' });
  await createStream(kinesis.client);
  const describe = async (input: object) => {
    const answer = await kinesis.client.send(new DescribeStreamSummaryCommand(input));
    return answer.StreamDescriptionSummary;
  };
  const byName = await describe({ StreamName: 'orders' });
  assert.deepEqual(await describe({ StreamARN: `${ARN}/orders` }), byName);
  assert.deepEqual(await describe({ StreamARN: `${ARN}/orders`, StreamName: 'orders' }), byName);
  const byId = await callRaw(kinesis.endpoint, 'DescribeStream', { StreamId: byName?.StreamId });
  assert.equal(byId.status, 200);

  const notFound = 'ResourceNotFoundException';
  await refused(describe({ StreamName: 'no' }), notFound, 'Stream no under account 000000000000 not found.');
  const foreign = 'arn:aws:kinesis:us-east-1:111122223333:stream/orders';
  await refused(
    describe({ StreamARN: foreign }),
    notFound,
    'Stream orders under account 111122223333 not found.',
  );
  const elsewhere = 'arn:aws:kinesis:eu-west-1:000000000000:stream/orders';
  await refused(describe({ StreamARN: elsewhere }), notFound);
  await refused(
    describe({ StreamARN: `${ARN}/orders`, StreamName: 'x' }),
    'InvalidArgumentException',
    /same stream/,
  );
  await refused(describe({}), 'InvalidArgumentException', /StreamName or StreamARN/);
});
