import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
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
  const named = { StreamARN, ConsumerName: 'app' };
  const ConsumerARN = Consumer?.ConsumerARN;
  for (const input of [named, { ConsumerARN }, { ...named, ConsumerARN }]) {
    const { ConsumerDescription } = await kinesis.client.send(new DescribeStreamConsumerCommand(input));
    assert.deepEqual(ConsumerDescription, { ...Consumer, StreamARN });
  }
  await refused(
    kinesis.client.send(new DescribeStreamConsumerCommand({ StreamARN, ConsumerName: 'no' })),
    'ResourceNotFoundException',
    'Consumer no of stream orders under account 000000000000 not found.',
  );
});

test('an ARN of one consumer with the name or the stream of another is refused', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders');
  await createStream(kinesis.client, 'events');
  const register = async (stream: string, ConsumerName: string) => {
    const registration = new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/${stream}`, ConsumerName });
    return (await kinesis.client.send(registration)).Consumer?.ConsumerARN ?? '';
  };
  const ConsumerARN = await register('orders', 'app');
  await register('orders', 'other');
  await register('events', 'app');
  for (const also of [
    { ConsumerName: 'other' },
    { ConsumerName: 'no' },
    { StreamARN: `${ARN}/events` },
    { StreamARN: `${ARN}/events`, ConsumerName: 'app' },
    { StreamARN: `${ARN}/orders`, ConsumerName: 'other' },
    { StreamARN: ConsumerARN },
  ]) {
    const input = { ConsumerARN, ...also };
    const message = /^ConsumerARN .* and (?:StreamARN|ConsumerName) .* do not name the same consumer\.$/;
    for (const call of [
      () => kinesis.client.send(new DescribeStreamConsumerCommand(input)),
      () => kinesis.client.send(new DeregisterStreamConsumerCommand(input)),
    ]) {
      await refused(call(), 'InvalidArgumentException', message);
    }
  }
  await kinesis.client.send(new DeregisterStreamConsumerCommand({ ConsumerARN, ConsumerName: 'app' }));
});
