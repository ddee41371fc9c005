import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeStreamConsumerCommand, RegisterStreamConsumerCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

test('a consumer is described by name or by ARN, also after a restart', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const StreamARN = `${ARN}/orders`;
  const { Consumer } = await kinesis.client.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'app' }),
  );
  await kinesis.restart();
  for (const input of [{ StreamARN, ConsumerName: 'app' }, { ConsumerARN: Consumer?.ConsumerARN }]) {
    const { ConsumerDescription } = await kinesis.client.send(new DescribeStreamConsumerCommand(input));
    assert.deepEqual(ConsumerDescription, { ...Consumer, StreamARN });
  }
  await refused(
    kinesis.client.send(new DescribeStreamConsumerCommand({ StreamARN, ConsumerName: 'no' })),
    'ResourceNotFoundException',
    'Consumer no of stream orders under account 000000000000 not found.',
  );
});
