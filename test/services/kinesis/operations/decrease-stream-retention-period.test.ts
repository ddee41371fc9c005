import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DecreaseStreamRetentionPeriodCommand,
  IncreaseStreamRetentionPeriodCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { createStream, listShards, put, readShard, refused, splitInHalf, texts } from '../support/streams.ts';

const HOUR = 3_600_000;
const to = (RetentionPeriodHours: number) => ({ StreamName: 'orders', RetentionPeriodHours });

test('older records are gone immediately, and stay gone when it is raised again', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  await kinesis.client.send(new IncreaseStreamRetentionPeriodCommand(to(72)));
  await put(kinesis.client, 'orders', 'old');
  clock.advance(30 * HOUR);
  await put(kinesis.client, 'orders', 'new');
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['old', 'new']);
  await kinesis.client.send(new DecreaseStreamRetentionPeriodCommand(to(24)));
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['new']);
  await kinesis.client.send(new IncreaseStreamRetentionPeriodCommand(to(72)));
  await kinesis.restart();
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['new']);
});

// Only records were forgotten at once: a shard that a decrease had expired was listed again after an increase, empty.
test('shards closed earlier are gone immediately, and stay gone when it is raised again', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  await kinesis.client.send(new IncreaseStreamRetentionPeriodCommand(to(72)));
  await put(kinesis.client, 'orders', 'old');
  await splitInHalf(kinesis.client);
  clock.advance(30 * HOUR);
  assert.equal((await listShards(kinesis.client, 'orders')).length, 3);
  await kinesis.client.send(new DecreaseStreamRetentionPeriodCommand(to(24)));
  const children = await listShards(kinesis.client, 'orders');
  assert.equal(children.length, 2);
  await kinesis.client.send(new IncreaseStreamRetentionPeriodCommand(to(72)));
  assert.deepEqual(await listShards(kinesis.client, 'orders'), children);
  await refused(readShard(kinesis.client, 'orders'), 'ResourceNotFoundException');
});

test('a longer period, or less than a day, is refused', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(
    kinesis.client.send(new DecreaseStreamRetentionPeriodCommand(to(25))),
    'InvalidArgumentException',
    'Requested retention period (25 hours) for stream orders can not be longer than existing retention period ' +
      '(24 hours). Use IncreaseRetentionPeriod API.',
  );
  await refused(
    kinesis.client.send(new DecreaseStreamRetentionPeriodCommand(to(5))),
    'InvalidArgumentException',
    /Minimum allowed/,
  );
});
