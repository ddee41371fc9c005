import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeStreamSummaryCommand,
  type StreamMode,
  UpdateStreamModeCommand,
} from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

const update = (StreamMode: StreamMode, options = {}) =>
  new UpdateStreamModeCommand({ StreamARN: `${ARN}/orders`, StreamModeDetails: { StreamMode }, ...options });

test('a stream becomes on-demand and provisioned again, and keeps its shards', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 3);
  for (const StreamMode of ['ON_DEMAND', 'PROVISIONED'] as const) {
    await kinesis.client.send(update(StreamMode));
    const { StreamDescriptionSummary } = await kinesis.client.send(
      new DescribeStreamSummaryCommand({ StreamName: 'orders' }),
    );
    assert.deepEqual(StreamDescriptionSummary?.StreamModeDetails, { StreamMode });
    assert.equal(StreamDescriptionSummary.OpenShardCount, 3);
  }
});

test('warm throughput is for on-demand streams of accounts with a commitment', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const warm = { WarmThroughputMiBps: 10 };
  await refused(kinesis.client.send(update('PROVISIONED', warm)), 'ValidationException', /ON_DEMAND/);
  await refused(kinesis.client.send(update('ON_DEMAND', warm)), 'ValidationException', /MinimumThroughput/);
});
