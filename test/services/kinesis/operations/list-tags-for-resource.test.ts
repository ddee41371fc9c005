import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateStreamCommand,
  ListTagsForResourceCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { tagsOf } from '../support/resources.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, refused } from '../support/streams.ts';

test('the tags given at the creation of a stream or consumer are listed', async () => {
  await using kinesis = await startKinesis();
  await kinesis.client.send(
    new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1, Tags: { of: 'stream' } }),
  );
  const StreamARN = `${ARN}/orders`;
  const { Consumer } = await kinesis.client.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'app', Tags: { of: 'consumer' } }),
  );
  await kinesis.restart();
  assert.deepEqual(await tagsOf(kinesis.client, StreamARN), { of: 'stream' });
  assert.deepEqual(await tagsOf(kinesis.client, Consumer?.ConsumerARN ?? ''), { of: 'consumer' });
  await refused(
    kinesis.client.send(new ListTagsForResourceCommand({ ResourceARN: `${ARN}/no` })),
    'ResourceNotFoundException',
  );
});
