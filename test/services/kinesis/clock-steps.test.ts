import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../src/support/clock.ts';
import { type KinesisTest, startKinesis } from './support/server.ts';
import { createStream, listShards, put, putAll, readShard, SHARD_0, texts } from './support/streams.ts';

// A wall clock steps back when it is set by NTP, or when a machine resumes. The places of fresh records were once
// looked up by it: in shards that were closed, with numbers given twice, or with InternalFailure.

const SECOND_MS = 1000;

async function split(kinesis: KinesisTest, at = 2n ** 127n): Promise<void> {
  const NewStartingHashKey = at.toString();
  await kinesis.client.send(
    new SplitShardCommand({ StreamName: 'orders', ShardToSplit: SHARD_0, NewStartingHashKey }),
  );
}

test('records put after a split are in the children, even when the clock was set back', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  clock.advance(10 * SECOND_MS);
  await split(kinesis);
  clock.advance(-SECOND_MS);
  const { Records = [] } = await putAll(kinesis.client, 'orders', ['a', 'b', 'c', 'd', 'e']);
  const one = await put(kinesis.client, 'orders', 'f');
  const told = [...Records, one].map(({ ShardId, SequenceNumber }) => `${ShardId} ${SequenceNumber}`);
  assert.equal(new Set(told).size, 6);
  const stored: string[] = [];
  for (const { ShardId = '' } of await listShards(kinesis.client, 'orders')) {
    const records = await readShard(kinesis.client, 'orders', ShardId);
    stored.push(...records.map(({ SequenceNumber }) => `${ShardId} ${SequenceNumber}`));
  }
  assert.deepEqual(stored.toSorted(), told.toSorted());
});

test('a stream created before the clock was set back accepts records, once each', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  clock.advance(-SECOND_MS);
  const { ShardId } = await put(kinesis.client, 'orders', 'first');
  assert.equal(ShardId, SHARD_0);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['first']);
});

test('sequence numbers increase and arrivals never decrease while the clock is set back, also across a restart', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  let last: string | undefined;
  for (const [n, stepMs] of [5000, -3000, 1000, -60_000, 500, -1, 100_000].entries()) {
    clock.advance(stepMs);
    if (n === 4) await kinesis.restart();
    const { SequenceNumber = '' } = await kinesis.client.send(
      new PutRecordCommand({
        StreamName: 'orders',
        PartitionKey: 'k',
        Data: Buffer.from(`${n}`),
        SequenceNumberForOrdering: last,
      }),
    );
    assert(last === undefined || BigInt(SequenceNumber) > BigInt(last));
    last = SequenceNumber;
  }
  const records = await readShard(kinesis.client, 'orders');
  assert.deepEqual(texts(records), ['0', '1', '2', '3', '4', '5', '6']);
  const arrivals = records.map(({ ApproximateArrivalTimestamp }) => ApproximateArrivalTimestamp?.getTime());
  assert.deepEqual(
    arrivals,
    arrivals.toSorted((a = 0, b = 0) => a - b),
  );
  assert.equal(arrivals.at(-1), clock.now());
});

test("a split after the clock was set back closes its parent no earlier than the parent's last record", async () => {
  const clock = new ManualClock(1_790_000_000_000);
  const startMs = clock.now();
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client, 'orders', 2);
  clock.advance(60 * SECOND_MS);
  await kinesis.client.send(
    new PutRecordsCommand({
      StreamName: 'orders',
      Records: [{ PartitionKey: 'k', ExplicitHashKey: '0', Data: Buffer.from('last') }],
    }),
  );
  clock.advance(-30 * SECOND_MS);
  await split(kinesis, 2n ** 126n);
  const openAt = async (timeMs: number) => {
    const { Shards = [] } = await kinesis.client.send(
      new ListShardsCommand({
        StreamName: 'orders',
        ShardFilter: { Type: 'AT_TIMESTAMP', Timestamp: new Date(timeMs) },
      }),
    );
    return Shards.map(({ ShardId }) => Number(ShardId?.slice(-1)));
  };
  assert.deepEqual(await openAt(startMs + 45 * SECOND_MS), [0, 1]);
  assert.deepEqual(await openAt(startMs + 60 * SECOND_MS), [1, 2, 3]);
  clock.advance(24 * 3_600_000 + 10 * SECOND_MS);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['last']);
});
