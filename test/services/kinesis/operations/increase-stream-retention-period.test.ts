import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeStreamSummaryCommand, IncreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import {
  createStream,
  listShards,
  put,
  readShard,
  refused,
  SHARD_1,
  splitInHalf,
  texts,
} from '../support/streams.ts';

const HOUR = 3_600_000;
const increase = (RetentionPeriodHours: number) =>
  new IncreaseStreamRetentionPeriodCommand({ StreamName: 'orders', RetentionPeriodHours });

test('records are kept longer, up to a year', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'a');
  await kinesis.client.send(increase(8760));
  clock.advance(8760 * HOUR);
  await kinesis.kinesis.sweep();
  await kinesis.restart();
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['a']);
  const { StreamDescriptionSummary } = await kinesis.client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'orders' }),
  );
  assert.equal(StreamDescriptionSummary?.RetentionPeriodHours, 8760);
  clock.advance(1);
  assert.deepEqual(await readShard(kinesis.client, 'orders'), []);
});

test('expired records do not reappear', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'expired');
  clock.advance(HOUR);
  await put(kinesis.client, 'orders', 'kept');
  clock.advance(23 * HOUR + 1);
  await kinesis.client.send(increase(48));
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['kept']);
});

test('an expired shard does not reappear', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  await splitInHalf(kinesis.client);
  // In one step and at once: no sweep comes between.
  clock.advance(24 * HOUR);
  await kinesis.client.send(increase(48));
  const shards = await listShards(kinesis.client, 'orders');
  assert.deepEqual(
    shards.map(({ ShardId }) => ShardId),
    [SHARD_1, 'shardId-000000000002'],
  );
});

test('too short, too long, or shorter than the current period is refused', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const invalid = 'InvalidArgumentException';
  await refused(
    kinesis.client.send(increase(23)),
    invalid,
    'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
  );
  await refused(
    kinesis.client.send(increase(8761)),
    invalid,
    'Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.',
  );
  await kinesis.client.send(increase(30));
  await refused(
    kinesis.client.send(increase(25)),
    invalid,
    'Requested retention period (25 hours) for stream orders can not be shorter than existing retention period ' +
      '(30 hours). Use DecreaseRetentionPeriod API.',
  );
});

// As on AWS: it was UPDATING, which refuses the next change.
test('raising it to the current value changes nothing', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, lifecycleMs: 500 });
  await createStream(kinesis.client);
  clock.advance(500);
  const status = async () => {
    const { StreamDescriptionSummary } = await kinesis.client.send(
      new DescribeStreamSummaryCommand({ StreamName: 'orders' }),
    );
    return StreamDescriptionSummary?.StreamStatus;
  };
  await kinesis.client.send(increase(24));
  assert.equal(await status(), 'ACTIVE');
  await kinesis.client.send(increase(25));
  assert.equal(await status(), 'UPDATING');
});
