import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateStreamCommand, PutRecordsCommand, type StreamMode } from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../src/support/clock.ts';
import { type KinesisTest, startKinesis } from './support/server.ts';
import { listShards } from './support/streams.ts';

/** So many records to the lowest hash keys within a second, and then a look at the traffic. */
async function second(kinesis: KinesisTest, clock: ManualClock, records: number, bytes = 1): Promise<void> {
  for (let left = records; left > 0; left -= 500) {
    const Records = Array.from({ length: Math.min(left, 500) }, (_, i) => ({
      PartitionKey: 'k',
      ExplicitHashKey: `${i}`,
      Data: Buffer.alloc(bytes),
    }));
    await kinesis.client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
  }
  clock.advance(1000);
  await kinesis.kinesis.scale();
}

async function start(clock: ManualClock, StreamMode: StreamMode): Promise<KinesisTest> {
  const kinesis = await startKinesis({ clock });
  const ShardCount = StreamMode === 'PROVISIONED' ? 4 : undefined;
  await kinesis.client.send(
    new CreateStreamCommand({ StreamName: 'orders', StreamModeDetails: { StreamMode }, ShardCount }),
  );
  return kinesis;
}

async function openShards(kinesis: KinesisTest): Promise<string[]> {
  const shards = await listShards(kinesis.client, 'orders');
  return shards
    .filter((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined)
    .map(({ ShardId }) => (ShardId ?? '').slice(-2));
}

test('a shard that stays above half its capacity is split, by records and by bytes', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await start(clock, 'ON_DEMAND');
  await second(kinesis, clock, 501);
  assert.deepEqual(await openShards(kinesis), ['00', '01', '02', '03'], 'once is no trend');
  await second(kinesis, clock, 501);
  assert.deepEqual(await openShards(kinesis), ['01', '02', '03', '04', '05']);
  for (let i = 0; i < 2; i++) await second(kinesis, clock, 6, 100_000);
  assert.deepEqual(await openShards(kinesis), ['01', '02', '03', '05', '06', '07']);
  for (let i = 0; i < 3; i++) await second(kinesis, clock, 400);
  assert.equal((await openShards(kinesis)).length, 6);
});

test('cold neighbours merge, down to the four with which a stream begins', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await start(clock, 'ON_DEMAND');
  for (let i = 0; i < 4; i++) await second(kinesis, clock, 600);
  assert.equal((await openShards(kinesis)).length, 6);
  // The others were cold all the while: that is not yet long enough.
  for (let i = 0; i < 10; i++) await second(kinesis, clock, 0);
  assert.equal((await openShards(kinesis)).length, 6);
  for (let i = 0; i < 40; i++) await second(kinesis, clock, 0);
  assert.equal((await openShards(kinesis)).length, 4);
});

test('a provisioned stream keeps the shards that it was given', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await start(clock, 'PROVISIONED');
  for (let i = 0; i < 3; i++) await second(kinesis, clock, 900);
  assert.deepEqual(await openShards(kinesis), ['00', '01', '02', '03']);
});
