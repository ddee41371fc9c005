import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateStreamCommand, DescribeLimitsCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { createStream } from '../support/streams.ts';

test('open shards and on-demand streams are counted', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 3);
  const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
  await kinesis.client.send(new CreateStreamCommand({ StreamName: 'free', StreamModeDetails }));
  const { $metadata: _, ...answer } = await kinesis.client.send(new DescribeLimitsCommand({}));
  assert.deepEqual(answer, {
    ShardLimit: 100_000,
    OpenShardCount: 7,
    OnDemandStreamCount: 1,
    OnDemandStreamCountLimit: 1_000_000,
    ChannelCount: 0,
    ChannelCountLimit: 1_000,
  });
});
