import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KinesisClient, RegisterStreamConsumerCommand } from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

const START = 1_790_000_000_000;

async function register(client: KinesisClient, ConsumerName: string) {
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/orders`, ConsumerName }),
  );
  return Consumer;
}

test('a consumer has an ARN with its creation in seconds', async () => {
  await using kinesis = await startKinesis({ clock: new ManualClock(START) });
  await createStream(kinesis.client);
  assert.deepEqual(await register(kinesis.client, 'app'), {
    ConsumerName: 'app',
    ConsumerARN: `${ARN}/orders/consumer/app:1790000000`,
    ConsumerStatus: 'ACTIVE',
    ConsumerCreationTimestamp: new Date(START),
  });
});

test('a name can be had once, and a stream has at most 20', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  for (let i = 0; i < 20; i++) await register(kinesis.client, `app${i}`);
  await refused(
    register(kinesis.client, 'app3'),
    'ResourceInUseException',
    'Consumer app3 of stream orders under account 000000000000 already exists.',
  );
  await refused(register(kinesis.client, 'another'), 'LimitExceededException', /20/);
});

test('of an unknown stream', async () => {
  await using kinesis = await startKinesis();
  await refused(register(kinesis.client, 'app'), 'ResourceNotFoundException');
});
