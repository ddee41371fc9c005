import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

const named = { StreamARN: `${ARN}/orders`, ConsumerName: 'app' };

test('a consumer is deregistered by name or by ARN', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  for (const by of ['name', 'arn']) {
    const { Consumer } = await kinesis.client.send(new RegisterStreamConsumerCommand(named));
    const input = by === 'name' ? named : { ConsumerARN: Consumer?.ConsumerARN };
    await kinesis.client.send(new DeregisterStreamConsumerCommand(input));
    await refused(
      kinesis.client.send(new DeregisterStreamConsumerCommand(input)),
      'ResourceNotFoundException',
    );
  }
  await refused(
    kinesis.client.send(new DeregisterStreamConsumerCommand({ StreamARN: named.StreamARN })),
    'InvalidArgumentException',
  );
});

test('it is CREATING, then ACTIVE, and DELETING for a while', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, lifecycleMs: 500 });
  await createStream(kinesis.client);
  clock.advance(500);
  await kinesis.client.send(new RegisterStreamConsumerCommand(named));
  const status = async () => {
    const answer = await kinesis.client.send(new DescribeStreamConsumerCommand(named));
    return answer.ConsumerDescription?.ConsumerStatus;
  };
  assert.equal(await status(), 'CREATING');
  clock.advance(500);
  assert.equal(await status(), 'ACTIVE');
  await kinesis.client.send(new DeregisterStreamConsumerCommand(named));
  assert.equal(await status(), 'DELETING');
  await refused(kinesis.client.send(new RegisterStreamConsumerCommand(named)), 'ResourceInUseException');
  clock.advance(500);
  await refused(status(), 'ResourceNotFoundException');
  await kinesis.client.send(new RegisterStreamConsumerCommand(named));
  assert.equal(await status(), 'CREATING');
});
