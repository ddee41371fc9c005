import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { createStream, listShards, put, refused } from '../support/streams.ts';

test('a new stream has even shards, and accepts records immediately', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 3);
  const shards = await listShards(kinesis.client, 'orders');
  assert.deepEqual(
    shards.map(({ ShardId, HashKeyRange }) => [
      ShardId,
      HashKeyRange?.StartingHashKey,
      HashKeyRange?.EndingHashKey,
    ]),
    [
      ['shardId-000000000000', '0', '113427455640312821154458202477256070484'],
      [
        'shardId-000000000001',
        '113427455640312821154458202477256070485',
        '226854911280625642308916404954512140969',
      ],
      [
        'shardId-000000000002',
        '226854911280625642308916404954512140970',
        '340282366920938463463374607431768211455',
      ],
    ],
  );
  await put(kinesis.client, 'orders', 'first');
});

test('a name can be used once', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const message = 'Stream orders under account 000000000000 already exists.';
  await refused(createStream(kinesis.client), 'ResourceInUseException', message);
  const both = await Promise.allSettled([
    createStream(kinesis.client, 'a'),
    createStream(kinesis.client, 'a'),
  ]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('an on-demand stream starts with four shards and has no ShardCount', async () => {
  await using kinesis = await startKinesis();
  const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
  await kinesis.client.send(new CreateStreamCommand({ StreamName: 'free', StreamModeDetails }));
  const { StreamDescriptionSummary } = await kinesis.client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'free' }),
  );
  assert.equal(StreamDescriptionSummary?.OpenShardCount, 4);
  assert.deepEqual(StreamDescriptionSummary.StreamModeDetails, StreamModeDetails);
  await refused(
    kinesis.client.send(new CreateStreamCommand({ StreamName: 'x', ShardCount: 2, StreamModeDetails })),
    'InvalidArgumentException',
    /ShardCount/,
  );
});

// LocalStack's test_create_stream_without_shard_count, recorded on AWS; the AWS CLI's first tutorial begins so.
test('without mode and ShardCount, a stream is on-demand with four shards', async () => {
  await using kinesis = await startKinesis();
  await kinesis.client.send(new CreateStreamCommand({ StreamName: 'first' }));
  const { StreamDescriptionSummary } = await kinesis.client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'first' }),
  );
  assert.equal(StreamDescriptionSummary?.OpenShardCount, 4);
  assert.deepEqual(StreamDescriptionSummary.StreamModeDetails, { StreamMode: 'ON_DEMAND' });
});

test('a provisioned stream requires a ShardCount', async () => {
  await using kinesis = await startKinesis();
  await refused(
    kinesis.client.send(
      new CreateStreamCommand({ StreamName: 'x', StreamModeDetails: { StreamMode: 'PROVISIONED' } }),
    ),
    'ValidationException',
    "1 validation error detected: Value null at 'shardCount' failed to satisfy constraint: Member must not be null",
  );
  await refused(
    kinesis.client.send(new CreateStreamCommand({ StreamName: 'x', ShardCount: 200_000 })),
    'LimitExceededException',
    /shard limit for the account 000000000000 in us-east-1. Current shard count for the account: 0.*Refer to the AWS Service Limits page .* how to request higher limits\.$/,
  );
});

test('all violated constraints are reported together', async () => {
  await using kinesis = await startKinesis();
  await refused(
    kinesis.client.send(new CreateStreamCommand({ StreamName: 'a b', ShardCount: 0 })),
    'ValidationException',
    /^2 validation errors detected: /,
  );
});

test('tags, record size and the strategy of an on-demand stream are stored', async () => {
  await using kinesis = await startKinesis();
  await kinesis.client.send(
    new CreateStreamCommand({
      StreamName: 'x',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      Tags: { team: 'blue' },
      MaxRecordSizeInKiB: 2048,
      RecordDistributionStrategy: 'AUTO',
    }),
  );
  await kinesis.restart();
  const { StreamDescriptionSummary } = await kinesis.client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'x' }),
  );
  assert.equal(StreamDescriptionSummary?.MaxRecordSizeInKiB, 2048);
  assert.equal(StreamDescriptionSummary.RecordDistributionStrategy, 'AUTO');
});

test('warm throughput and AUTO are refused where AWS does not support them', async () => {
  await using kinesis = await startKinesis();
  for (const given of [{ WarmThroughputMiBps: 100 }, { RecordDistributionStrategy: 'AUTO' as const }]) {
    await refused(
      kinesis.client.send(new CreateStreamCommand({ StreamName: 'x', ShardCount: 1, ...given })),
      'InvalidArgumentException',
      /only supported for streams in ON_DEMAND mode/,
    );
  }
});

test('while CREATING it has no shards and accepts no records', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, lifecycleMs: 500 });
  await createStream(kinesis.client);
  const describe = async () => {
    const answer = await kinesis.client.send(new DescribeStreamCommand({ StreamName: 'orders' }));
    return [answer.StreamDescription?.StreamStatus, answer.StreamDescription?.Shards?.length];
  };
  assert.deepEqual(await describe(), ['CREATING', 0]);
  await refused(
    put(kinesis.client, 'orders', 'x'),
    'ResourceNotFoundException',
    /orders under account .* not found/,
  );
  clock.advance(500);
  assert.deepEqual(await describe(), ['ACTIVE', 1]);
  await put(kinesis.client, 'orders', 'x');
});
