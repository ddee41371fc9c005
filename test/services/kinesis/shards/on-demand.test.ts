import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  PutRecordsCommand,
  type Shard,
  type StreamMode,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { type KinesisTest, type KinesisTestOptions, startKinesis } from '../support/server.ts';
import { listShards, readShard, texts } from '../support/streams.ts';

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

async function start(
  clock: ManualClock,
  StreamMode: StreamMode,
  options: KinesisTestOptions = {},
): Promise<KinesisTest> {
  const kinesis = await startKinesis({ clock, ...options });
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

test('cold neighbours merge, down to the four with which a stream starts', async () => {
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

test('a provisioned stream keeps its shards', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await start(clock, 'PROVISIONED');
  for (let i = 0; i < 3; i++) await second(kinesis, clock, 900);
  assert.deepEqual(await openShards(kinesis), ['00', '01', '02', '03']);
});

const STEP = 2n ** 128n / 64n;

/** Of a shard's second, so that few records are much traffic. */
const MOMENT_MS = 50;

/** 448 records spread over all hash keys within a moment, and then a look at the traffic. */
async function spread(kinesis: KinesisTest, clock: ManualClock): Promise<void> {
  const Records = Array.from({ length: 448 }, (_, i) => ({
    PartitionKey: 'k',
    ExplicitHashKey: (BigInt(i % 64) * STEP).toString(),
    Data: Buffer.alloc(1),
  }));
  await kinesis.client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
  clock.advance(MOMENT_MS);
  await kinesis.kinesis.scale();
}

test('a stream that is hot everywhere doubles, in one step, and stays ACTIVE', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await start(clock, 'ON_DEMAND', { lifecycleMs: 1000 });
  clock.advance(1000);
  await kinesis.kinesis.scale();
  for (const shards of [4, 8, 8, 16]) {
    await spread(kinesis, clock);
    const summary = await kinesis.client.send(new DescribeStreamSummaryCommand({ StreamName: 'orders' }));
    assert.equal(summary.StreamDescriptionSummary?.OpenShardCount, shards);
    assert.equal(summary.StreamDescriptionSummary?.StreamStatus, 'ACTIVE');
  }
});

test('throttled records make a stream grow as well', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await start(clock, 'ON_DEMAND', { limits: { shardWriteRecordsPerSecond: 100 } });
  for (let i = 0; i < 2; i++) await second(kinesis, clock, 1000);
  assert.equal((await openShards(kinesis)).length, 5);
});

test('a shard with a single hot partition key is not split, because a split would not help', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await start(clock, 'ON_DEMAND');
  const Records = Array.from({ length: 500 }, () => ({ PartitionKey: 'hot', Data: Buffer.alloc(2000) }));
  const hotSecond = async (more: typeof Records = []): Promise<void> => {
    await kinesis.client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
    if (more.length > 0) {
      await kinesis.client.send(new PutRecordsCommand({ StreamName: 'orders', Records: more }));
    }
    clock.advance(1000);
    await kinesis.kinesis.scale();
  };
  for (let i = 0; i < 5; i++) await hotSecond();
  assert.equal((await openShards(kinesis)).length, 4);
  // Another key of the same shard: now there is something to divide.
  const others = Array.from({ length: 40 }, (_, i) => ({ PartitionKey: `other${i}`, Data: Buffer.alloc(1) }));
  for (let i = 0; i < 2; i++) await hotSecond(others);
  assert.equal((await openShards(kinesis)).length, 5);
});

/** xorshift: the same loads at each run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Every key's records from the oldest shard to the youngest: parents before children. */
async function readByKey(kinesis: KinesisTest): Promise<Map<string, string[]>> {
  const byKey = new Map<string, string[]>();
  const shards: Shard[] = await listShards(kinesis.client, 'orders');
  for (const { ShardId = '' } of shards) {
    for (const text of texts(await readShard(kinesis.client, 'orders', ShardId))) {
      const [key = '', ordinal = ''] = text.split(':');
      byKey.set(key, [...(byKey.get(key) ?? []), ordinal]);
    }
  }
  return byKey;
}

test('nothing is lost, duplicated or reordered under changing load', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await start(clock, 'ON_DEMAND');
  const below = random(20_261_122);
  const sent = new Map<string, string[]>();
  const shardCounts = new Set<number>();
  for (let round = 0; round < 40; round++) {
    const [center, width] = [below(64), round < 15 ? 64 : 1 + below(8)];
    const busy = round < 15 || below(4) === 0;
    const put = async (): Promise<void> => {
      for (let call = 0; call < (busy ? 3 : 1); call++) {
        const Records = Array.from({ length: busy ? 120 : 2 }, () => {
          const key = (center + below(width)) % 64;
          const ordinals = sent.get(`${key}`) ?? [];
          sent.set(`${key}`, ordinals);
          ordinals.push(`${ordinals.length}`);
          return {
            PartitionKey: `${key}`,
            ExplicitHashKey: (BigInt(key) * STEP + 1n).toString(),
            Data: Buffer.from(`${key}:${ordinals.length - 1}`),
          };
        });
        await kinesis.client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
      }
    };
    clock.advance(MOMENT_MS);
    await Promise.all([put(), kinesis.kinesis.scale()]);
    shardCounts.add((await openShards(kinesis)).length);
  }
  assert(Math.max(...shardCounts) >= 8 && shardCounts.size >= 3, [...shardCounts].join(' '));
  assert.deepEqual(Object.fromEntries(await readByKey(kinesis)), Object.fromEntries(sent));
});
