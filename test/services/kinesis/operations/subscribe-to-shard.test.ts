import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  SplitShardCommand,
  type StartingPosition,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { taken } from '../support/metrics.ts';
import { startKinesis } from '../support/server.ts';
import { after, register, subscribe } from '../support/subscriptions.ts';
import { ARN, createStream, put, putAll, refused, SHARD_0, SHARD_1, texts } from '../support/streams.ts';

const START = 1_790_000_000_000;

test('records are pushed as they are put, from any position', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { SequenceNumber } = await put(kinesis.client, 'orders', 'a');
  await put(kinesis.client, 'orders', 'b');
  const positions: [StartingPosition, string[]][] = [
    [{ Type: 'TRIM_HORIZON' }, ['a', 'b', 'c']],
    [{ Type: 'LATEST' }, ['c']],
    [{ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber }, ['b', 'c']],
    [{ Type: 'AT_SEQUENCE_NUMBER', SequenceNumber }, ['a', 'b', 'c']],
    [{ Type: 'AT_TIMESTAMP', Timestamp: new Date(0) }, ['a', 'b', 'c']],
  ];
  const subscriptions = await Promise.all(
    positions.map(async ([position], i) => {
      const consumer = await register(kinesis.client, `app${i}`);
      return await subscribe(kinesis.client, consumer, position);
    }),
  );
  await put(kinesis.client, 'orders', 'c');
  for (const [i, [, expected]] of positions.entries()) {
    assert.deepEqual(await subscriptions[i]?.records(expected.length), expected);
  }
  for (const subscription of subscriptions) await subscription.stop();
});

test('ContinuationSequenceNumber continues after an event, even if no records have arrived', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const consumers = await Promise.all(['a', 'b', 'c'].map((name) => register(kinesis.client, name)));
  const first = await subscribe(kinesis.client, consumers[0] ?? '');
  const empty = await first.next();
  assert.deepEqual([empty?.Records, empty?.MillisBehindLatest], [[], 0]);
  await first.stop();
  await putAll(kinesis.client, 'orders', ['x', 'y']);
  const second = await subscribe(kinesis.client, consumers[1] ?? '', after(empty));
  const event = await second.next();
  assert.deepEqual(texts(event?.Records ?? []), ['x', 'y']);
  await second.stop();
  await put(kinesis.client, 'orders', 'z');
  const third = await subscribe(kinesis.client, consumers[2] ?? '', after(event));
  assert.deepEqual(await third.records(1), ['z']);
  await third.stop();
});

test('the end of a shard names the children, and the subscription ends', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const subscription = await subscribe(kinesis.client, await register(kinesis.client));
  await put(kinesis.client, 'orders', 'last');
  assert.deepEqual(await subscription.records(1), ['last']);
  const NewStartingHashKey = (2n ** 127n).toString();
  await kinesis.client.send(
    new SplitShardCommand({ StreamName: 'orders', ShardToSplit: SHARD_0, NewStartingHashKey }),
  );
  const end = await subscription.next();
  assert.equal(end?.ContinuationSequenceNumber, undefined);
  assert.deepEqual(
    end?.ChildShards?.map(({ ShardId }) => ShardId),
    [SHARD_1, 'shardId-000000000002'],
  );
  assert.equal(await subscription.next(), undefined);
});

test('a subscription ends after five minutes, and reports its position regularly', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  const subscription = await subscribe(kinesis.client, await register(kinesis.client));
  await subscription.next();
  const quiet = subscription.next();
  // The event is asked for when the reader has taken the one before: then its time begins.
  await put(kinesis.client, 'orders', 'wake');
  assert.equal((await quiet)?.Records?.length, 1);
  const next = subscription.next();
  clock.advance(300_000);
  const last = await next;
  assert(last === undefined || last.Records?.length === 0);
  if (last !== undefined) assert.equal(await subscription.next(), undefined);
});

/** Moves the clock until a promise is settled: the server may not wait yet when it is asked to. */
async function advanceUntil<T>(clock: ManualClock, settled: Promise<T>): Promise<T> {
  const state = { isSettled: false };
  const watched = settled.finally(() => (state.isSettled = true));
  watched.catch(() => {});
  while (!state.isSettled) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return await watched;
}

// It was silent for 15 s, and the AWS SDK for Java gives up after 10: AWS sends an event every 5 s (aws-sdk-ruby#2779).
for (const [what, Type] of [
  ['an idle subscription at LATEST', 'LATEST'],
  ['one that has read all there is', 'TRIM_HORIZON'],
] as const) {
  test(`${what} gets empty events with its position`, async () => {
    const clock = new ManualClock(START);
    await using kinesis = await startKinesis({ clock });
    await createStream(kinesis.client);
    await put(kinesis.client, 'orders', 'before');
    const subscription = await subscribe(kinesis.client, await register(kinesis.client), { Type });
    const first = await subscription.next();
    for (let quiet = 0; quiet < 3; quiet++) {
      const event = await advanceUntil(clock, subscription.next());
      assert.deepEqual([event?.Records, event?.MillisBehindLatest], [[], 0]);
      assert.equal(event?.ContinuationSequenceNumber, first?.ContinuationSequenceNumber);
    }
    await put(kinesis.client, 'orders', 'after');
    assert.deepEqual(await subscription.records(1), ['after']);
    await subscription.stop();
  });
}

test('a subscription delayed by its limit gets empty events meanwhile', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock, limits: { mode: 'none', fanOutBytesPerSecond: 1_000 } });
  await createStream(kinesis.client);
  const subscription = await subscribe(kinesis.client, await register(kinesis.client));
  await subscription.next();
  await put(kinesis.client, 'orders', 'x'.repeat(20_000), 'k');
  assert.equal((await advanceUntil(clock, subscription.records(1))).length, 1);
  await put(kinesis.client, 'orders', 'held back');
  const event = await advanceUntil(clock, subscription.next());
  assert.deepEqual(event?.Records, []);
  assert.deepEqual(await advanceUntil(clock, subscription.records(1)), ['held back']);
  await subscription.stop();
});

test('a second subscription is refused for five seconds, then replaces the first', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  const consumer = await register(kinesis.client);
  const first = await subscribe(kinesis.client, consumer);
  await first.next();
  clock.advance(4999);
  await refused(subscribe(kinesis.client, consumer), 'ResourceInUseException', /Another active subscription/);
  clock.advance(1);
  const second = await subscribe(kinesis.client, consumer);
  // It was told that nothing had come before it was ended.
  assert.deepEqual((await first.next())?.Records, []);
  await refused(first.next(), 'ResourceInUseException', /Another active subscription/);
  await put(kinesis.client, 'orders', 'x');
  assert.deepEqual(await second.records(1), ['x']);
  await second.stop();
});

// It was once accepted as soon as the first connection had closed.
test('it is refused for five seconds even if the first has ended, and a client that retries succeeds', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client, 'orders', 2);
  const consumer = await register(kinesis.client);
  const first = await subscribe(kinesis.client, consumer);
  const position = after(await first.next());
  await first.stop();
  await put(kinesis.client, 'orders', 'x', 'a');
  const other = await subscribe(kinesis.client, consumer, { Type: 'LATEST' }, SHARD_1);
  await other.stop();
  let tries = 0;
  let again: Awaited<ReturnType<typeof subscribe>> | undefined;
  while (again === undefined) {
    tries++;
    again = await subscribe(kinesis.client, consumer, position).catch((error: unknown) => {
      assert(error instanceof Error && error.name === 'ResourceInUseException', String(error));
      clock.advance(1000);
      return undefined;
    });
  }
  assert.equal(tries, 6);
  assert.deepEqual(await again.records(1), ['x']);
  await again.stop();
  // What was accepted later than now was accepted before the clock stepped back: nobody waits for that time.
  clock.advance(-3_600_000);
  await (await subscribe(kinesis.client, consumer, position)).stop();
});

test('twenty consumers of a shard each get every record in order', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const subscriptions = await Promise.all(
    Array.from({ length: 20 }, async (_, i) =>
      subscribe(kinesis.client, await register(kinesis.client, `app${i}`)),
    ),
  );
  const sent = Array.from({ length: 50 }, (_, i) => `${i}`);
  const received = Promise.all(subscriptions.map((subscription) => subscription.records(sent.length)));
  for (const text of sent) await put(kinesis.client, 'orders', text, 'k');
  for (const each of await received) assert.deepEqual(each, sent);
  for (const subscription of subscriptions) await subscription.stop();
  const counted = taken(kinesis.metrics, { StreamName: 'orders', ConsumerName: 'app7' });
  assert.equal(counted['SubscribeToShard.Success']?.sum, 1);
  assert.equal(counted['SubscribeToShardEvent.Records']?.sum, 50);
});

test('when the consumer or the stream is deleted, the reader is notified', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const consumer = await register(kinesis.client);
  const one = await subscribe(kinesis.client, consumer);
  await one.next();
  const pending = one.next();
  await kinesis.client.send(new DeregisterStreamConsumerCommand({ ConsumerARN: consumer }));
  await refused(pending, 'ResourceNotFoundException');
  const other = await subscribe(kinesis.client, await register(kinesis.client, 'other'));
  await other.next();
  const waiting = other.next();
  await kinesis.client.send(new DeleteStreamCommand({ StreamName: 'orders', EnforceConsumerDeletion: true }));
  await refused(waiting, 'ResourceNotFoundException');
});

test('missing resources are reported before anything is pushed', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const consumer = await register(kinesis.client);
  const notFound = 'ResourceNotFoundException';
  await refused(subscribe(kinesis.client, `${ARN}/orders/consumer/no:1`), notFound);
  await refused(subscribe(kinesis.client, consumer, { Type: 'LATEST' }, 'shardId-000000000005'), notFound);
  await refused(
    subscribe(kinesis.client, consumer, { Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: '5' }),
    'InvalidArgumentException',
    /used in SubscribeToShard/,
  );
});

test('when memory for responses is scarce, events are smaller, and no record is missing', async () => {
  const scarce = { bytesMax: 1, hardBytesMax: 8 * 2 ** 20, smallBytes: 32 * 1024 };
  await using kinesis = await startKinesis({ responseBounds: scarce });
  await createStream(kinesis.client);
  const written = Array.from({ length: 40 }, (_, n) => `${n} `.padEnd(5000, 'x'));
  for (const text of written) await put(kinesis.client, 'orders', text, 'key');
  const consumer = await register(kinesis.client);
  const subscription = await subscribe(kinesis.client, consumer, { Type: 'TRIM_HORIZON' });
  const first = await subscription.next();
  assert.ok((first?.Records ?? []).length < 5, `${first?.Records?.length} records in one event`);
  const rest = await subscription.records(written.length - (first?.Records ?? []).length);
  assert.deepEqual([...texts(first?.Records ?? []), ...rest], written);
  await subscription.stop();
});
