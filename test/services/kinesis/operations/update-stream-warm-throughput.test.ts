import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  UpdateAccountSettingsCommand,
  UpdateStreamWarmThroughputCommand,
} from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

const update = (StreamName: string) =>
  new UpdateStreamWarmThroughputCommand({ StreamName, WarmThroughputMiBps: 100 });

test('it is stored for on-demand streams of accounts with a commitment', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
  await kinesis.client.send(new CreateStreamCommand({ StreamName: 'free', StreamModeDetails }));
  await refused(
    kinesis.client.send(update('free')),
    'ValidationException',
    /MinimumThroughputBillingCommitment/,
  );
  await kinesis.client.send(
    new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment: { Status: 'ENABLED' } }),
  );
  await refused(kinesis.client.send(update('orders')), 'ValidationException', /PROVISIONED/);
  const { $metadata: _, ...answer } = await kinesis.client.send(update('free'));
  const WarmThroughput = { TargetMiBps: 100, CurrentMiBps: 100 };
  assert.deepEqual(answer, { StreamName: 'free', StreamARN: `${ARN}/free`, WarmThroughput });
  await kinesis.restart();
  const { StreamDescriptionSummary } = await kinesis.client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'free' }),
  );
  assert.deepEqual(StreamDescriptionSummary?.WarmThroughput, WarmThroughput);
});
