import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateStreamCommand,
  type KinesisClient,
  RegisterStreamConsumerCommand,
  UpdateAccountSettingsCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

const START = 1_790_000_000_000;

async function register(client: KinesisClient, ConsumerName: string, stream = 'orders') {
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/${stream}`, ConsumerName }),
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

test('a name can be used once, and a stream has at most 20 consumers', async () => {
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

test('an on-demand stream has 50 with on-demand advantage, also with limits, unless limits say otherwise', async () => {
  const clock = new ManualClock(START);
  const limits = { mode: 'aws', callsPerSecond: { RegisterStreamConsumer: Infinity } } as const;
  for (const given of [{}, { limits }, { limits: { consumersPerStream: 21 } }]) {
    const most = 'consumersPerStream' in (given.limits ?? {}) ? 21 : 50;
    await using kinesis = await startKinesis({ clock, ...given });
    const { client } = kinesis;
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
    await client.send(new CreateStreamCommand({ StreamName: 'orders', StreamModeDetails }));
    await createStream(client, 'provisioned');
    for (let i = 0; i < 20; i++) await register(client, `app${i}`);
    if (most === 50) await refused(register(client, 'app20'), 'LimitExceededException', /20/);
    const MinimumThroughputBillingCommitment = { Status: 'ENABLED' } as const;
    await client.send(new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment }));
    for (let i = 20; i < most; i++) await register(client, `app${i}`);
    await refused(register(client, 'another'), 'LimitExceededException', new RegExp(`: ${most}\\.$`));
    for (let i = 0; i < Math.min(most, 20); i++) await register(client, `app${i}`, 'provisioned');
    if (most === 50) {
      await refused(register(client, 'another', 'provisioned'), 'LimitExceededException', /20/);
    }
  }
});

test('of an unknown stream', async () => {
  await using kinesis = await startKinesis();
  await refused(register(kinesis.client, 'app'), 'ResourceNotFoundException');
});
