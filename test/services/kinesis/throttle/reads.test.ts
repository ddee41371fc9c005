import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EnableEnhancedMonitoringCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { taken } from '../support/metrics.ts';
import { type KinesisTest, startKinesis } from '../support/server.ts';
import { ARN, createStream, iteratorFor, put, refused, SHARD_0 } from '../support/streams.ts';

const MiB = 1024 * 1024;
const aws = { mode: 'aws', shardWriteBytesPerSecond: Infinity } as const;
const message = `Rate exceeded for shard ${SHARD_0} in stream orders under account 000000000000.`;

async function putMegabytes(client: KinesisClient, count: number): Promise<void> {
  const Data = Buffer.alloc(MiB - 1);
  for (let sent = 0; sent < count; sent++) {
    await client.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data }));
  }
}

test('GetRecords can be called five times per second on a shard', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: aws });
  await createStream(kinesis.client);
  const ShardIterator = await iteratorFor(kinesis.client, 'orders');
  const read = () => kinesis.client.send(new GetRecordsCommand({ ShardIterator }));
  for (let calls = 0; calls < 5; calls++) await read();
  await refused(read(), 'ProvisionedThroughputExceededException', message);
  clock.advance(200);
  await read();
  await refused(read(), 'ProvisionedThroughputExceededException');
});

test('a call that returns 10 MB blocks the shard for the next 5 seconds', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: aws });
  await createStream(kinesis.client);
  await putMegabytes(kinesis.client, 10);
  const ShardIterator = await iteratorFor(kinesis.client, 'orders');
  const read = () => kinesis.client.send(new GetRecordsCommand({ ShardIterator }));
  const { Records = [] } = await read();
  // The lengths between the records count in what a call gives, so it may be one less than ten.
  const givenMs = Records.length * 500;
  assert(Records.length >= 9);
  clock.advance(givenMs - 1);
  await refused(read(), 'ProvisionedThroughputExceededException', message);
  clock.advance(1);
  await read();
});

test('throttled reads are counted, for the stream and its shards', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { shardReadCallsPerSecond: 2 } });
  await createStream(kinesis.client);
  await kinesis.client.send(
    new EnableEnhancedMonitoringCommand({ StreamName: 'orders', ShardLevelMetrics: ['ALL'] }),
  );
  const ShardIterator = await iteratorFor(kinesis.client, 'orders');
  const read = () => kinesis.client.send(new GetRecordsCommand({ ShardIterator }));
  await read();
  await read();
  await refused(read(), 'ProvisionedThroughputExceededException');
  for (const dimensions of [{ StreamName: 'orders' }, { StreamName: 'orders', ShardId: SHARD_0 }]) {
    const { ReadProvisionedThroughputExceeded } = taken(kinesis.metrics, dimensions);
    assert.deepEqual(ReadProvisionedThroughputExceeded, { sampleCount: 3, sum: 1, minimum: 0, maximum: 1 });
  }
});

async function subscribe(kinesis: KinesisTest, ConsumerName: string, abortSignal?: AbortSignal) {
  const { Consumer } = await kinesis.client.send(
    new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/orders`, ConsumerName }),
  );
  const { EventStream } = await kinesis.client.send(
    new SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: SHARD_0,
      StartingPosition: { Type: 'TRIM_HORIZON' },
    }),
    { ...(abortSignal !== undefined && { abortSignal }) },
  );
  assert(EventStream !== undefined);
  return EventStream;
}

test('a consumer gets 2 MB per second of a shard, whatever others get', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: aws });
  await createStream(kinesis.client);
  await putMegabytes(kinesis.client, 6);
  const startMs = clock.now();
  const arrivals = async (name: string): Promise<number[]> => {
    const times: number[] = [];
    for await (const { SubscribeToShardEvent: event } of await subscribe(kinesis, name)) {
      for (const _record of event?.Records ?? []) times.push(clock.now() - startMs);
      if (times.length === 6) break;
    }
    return times;
  };
  const both = Promise.all([arrivals('a'), arrivals('b')]);
  // Time passes while they read; what counts is how much of it has to.
  const passing = setInterval(() => clock.advance(50), 5);
  try {
    for (const times of await both) {
      // Two with what there is in the first second, one that is owed, and then one each half second.
      assert((times[3] ?? 0) >= 500, times.join(' '));
      assert((times[5] ?? 0) >= 1500, times.join(' '));
    }
  } finally {
    clearInterval(passing);
  }
});

test('a second subscription, and too many calls for one, are counted', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { callsPerSecond: { SubscribeToShard: 2 } } });
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'x');
  const stop = new AbortController();
  await subscribe(kinesis, 'a', stop.signal);
  const ConsumerARN = `${ARN}/orders/consumer/a:1790000000`;
  const again = () =>
    kinesis.client.send(
      new SubscribeToShardCommand({
        ConsumerARN,
        ShardId: SHARD_0,
        StartingPosition: { Type: 'LATEST' },
      }),
    );
  await refused(again(), 'ResourceInUseException');
  await refused(
    again(),
    'LimitExceededException',
    'Rate exceeded for stream orders under account 000000000000.',
  );
  const counted = taken(kinesis.metrics, { StreamName: 'orders', ConsumerName: 'a' });
  assert.equal(counted['SubscribeToShard.RateExceeded']?.sum, 2);
  stop.abort();
});

test('a shard yields five iterators per second', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: aws });
  await createStream(kinesis.client, 'orders', 2);
  const iterator = (ShardId: string) =>
    kinesis.client.send(
      new GetShardIteratorCommand({ StreamName: 'orders', ShardId, ShardIteratorType: 'LATEST' }),
    );
  for (let calls = 0; calls < 5; calls++) await iterator(SHARD_0);
  await refused(iterator('0'), 'ProvisionedThroughputExceededException', message);
  await iterator('shardId-000000000001');
});
