import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeStreamSummaryCommand, RegisterStreamConsumerCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream } from '../support/streams.ts';

test('open shards and consumers are counted', async () => {
  await using kinesis = await startKinesis({ streamIds: 'shown' });
  await createStream(kinesis.client, 'orders', 3);
  for (const ConsumerName of ['one', 'two']) {
    await kinesis.client.send(
      new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/orders`, ConsumerName }),
    );
  }
  const { StreamDescriptionSummary } = await kinesis.client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'orders' }),
  );
  const { StreamCreationTimestamp, StreamId, ...rest } = StreamDescriptionSummary ?? {};
  assert(StreamCreationTimestamp instanceof Date);
  assert.match(StreamId ?? '', /^[a-z0-9]{20}-[a-z0-9]{3}$/);
  assert.deepEqual(rest, {
    StreamName: 'orders',
    StreamARN: `${ARN}/orders`,
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    RetentionPeriodHours: 24,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
    OpenShardCount: 3,
    ConsumerCount: 2,
    ChannelCount: 0,
    MaxRecordSizeInKiB: 1024,
    // The KPL aggregates less well, and complains, when it is not told.
    RecordDistributionStrategy: 'USER_PARTITION_KEY',
  });
});

// The KCL uses every StreamId that it is told, and the AWS SDKs send calls that bear one to a host of AWS, past the
// endpoint that they were given: no record ever came.
test('the StreamId is returned only when that is configured', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { StreamDescriptionSummary } = await kinesis.client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'orders' }),
  );
  assert.equal(StreamDescriptionSummary?.StreamId, undefined);
});
