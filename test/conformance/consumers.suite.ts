import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { StartingPosition, SubscribeToShardEvent } from '@aws-sdk/client-kinesis';
import { HALF, openSubject, refuses, SHARD_0, SHARD_1, SHARD_2, texts, until } from './subject.ts';

const subject = await openSubject();
after(() => subject.close());
const { kinesis } = subject;

/** A consumer that is ACTIVE. */
async function register(stream: string, ConsumerName: string): Promise<string> {
  const { Consumer } = await kinesis.registerStreamConsumer({
    StreamARN: await subject.arn(stream),
    ConsumerName,
  });
  const ConsumerARN = Consumer?.ConsumerARN ?? '';
  await until(`${ConsumerName} ACTIVE`, async () => {
    const { ConsumerDescription } = await kinesis.describeStreamConsumer({ ConsumerARN });
    return ConsumerDescription?.ConsumerStatus === 'ACTIVE';
  });
  return ConsumerARN;
}

/** Takes events until one is the last that is wanted; then the subscription is given up. */
async function subscribe(
  ConsumerARN: string,
  position: StartingPosition,
  isLast: (event: SubscribeToShardEvent, all: readonly SubscribeToShardEvent[]) => boolean,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Promise<SubscribeToShardEvent[]> {
  const request = new AbortController();
  const { EventStream } = await kinesis.subscribeToShard(
    { ConsumerARN, ShardId: SHARD_0, StartingPosition: position },
    { abortSignal: request.signal },
  );
  await meanwhile();
  const events: SubscribeToShardEvent[] = [];
  for await (const { SubscribeToShardEvent: event } of EventStream ?? []) {
    if (event === undefined) continue;
    events.push(event);
    if (isLast(event, events)) break;
  }
  request.abort();
  return events;
}

function allTexts(events: readonly SubscribeToShardEvent[]): string[] {
  return events.flatMap(({ Records = [] }) => texts(Records));
}

test('consumers are listed in pages', async () => {
  const stream = await subject.stream();
  const StreamARN = await subject.arn(stream);
  for (const name of ['a', 'b', 'c']) await register(stream, name);
  const first = await kinesis.listStreamConsumers({ StreamARN, MaxResults: 2 });
  const rest = await kinesis.listStreamConsumers({ StreamARN, NextToken: first.NextToken });
  assert.equal(first.Consumers?.length, 2);
  assert.deepEqual(
    [...first.Consumers, ...(rest.Consumers ?? [])].map(({ ConsumerName = '' }) => ConsumerName).toSorted(),
    ['a', 'b', 'c'],
  );
  assert.equal(rest.NextToken, undefined);
});

test('records are pushed from any position, existing and new ones', async () => {
  const stream = await subject.stream();
  const { number: SequenceNumber } = await subject.put(stream, '1');
  await subject.put(stream, '2');
  const [fromStart, afterFirst, fromNow] = await Promise.all(
    ['start', 'after', 'now'].map((name) => register(stream, name)),
  );
  const three = (_: SubscribeToShardEvent, all: readonly SubscribeToShardEvent[]) =>
    allTexts(all).includes('3');
  const [all, later] = await Promise.all([
    subscribe(fromStart ?? '', { Type: 'TRIM_HORIZON' }, three),
    subscribe(afterFirst ?? '', { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber }, three),
    subscribe(fromNow ?? '', { Type: 'LATEST' }, three, () => subject.put(stream, '3')).then((events) =>
      assert.deepEqual(allTexts(events), ['3']),
    ),
  ]);
  assert.deepEqual(allTexts(all), ['1', '2', '3']);
  assert.deepEqual(allTexts(later), ['2', '3']);
  for (const event of all) {
    assert.match(event.ContinuationSequenceNumber ?? '', /^\d{56}$/);
    assert(event.MillisBehindLatest !== undefined);
  }
});

test('a second subscription of a consumer to a shard within 5 seconds is refused', async () => {
  const stream = await subject.stream();
  const ConsumerARN = await register(stream, 'app');
  const events = await subscribe(
    ConsumerARN,
    { Type: 'LATEST' },
    () => true,
    async () => {
      await refuses(
        subscribe(ConsumerARN, { Type: 'LATEST' }, () => true),
        'ResourceInUseException',
      );
      await subject.put(stream, 'x');
    },
  );
  assert(events.length > 0);
});

test('the end of a closed shard names its children, and the subscription ends', async () => {
  const stream = await subject.stream();
  await subject.put(stream, 'x');
  await kinesis.splitShard({ StreamName: stream, ShardToSplit: SHARD_0, NewStartingHashKey: HALF });
  await subject.active(stream);
  const events = await subscribe(await register(stream, 'app'), { Type: 'TRIM_HORIZON' }, () => false);
  assert.deepEqual(allTexts(events), ['x']);
  const last = events.at(-1);
  assert.equal(last?.ContinuationSequenceNumber, undefined);
  assert.deepEqual(
    last?.ChildShards?.map(({ ShardId, ParentShards }) => [ShardId, ParentShards]),
    [
      [SHARD_1, [SHARD_0]],
      [SHARD_2, [SHARD_0]],
    ],
  );
});

test('a subscription requires an existing consumer, shard and position', async () => {
  const stream = await subject.stream();
  const ConsumerARN = await register(stream, 'app');
  const ask = (options: Partial<Parameters<typeof kinesis.subscribeToShard>[0]>) =>
    kinesis.subscribeToShard({
      ConsumerARN,
      ShardId: SHARD_0,
      StartingPosition: { Type: 'LATEST' },
      ...options,
    });
  const unknown = ConsumerARN.replace('/app:', '/nobody:');
  await refuses(ask({ ConsumerARN: unknown }), 'ResourceNotFoundException');
  await refuses(ask({ ShardId: 'shardId-000000000005' }), 'ResourceNotFoundException');
  await refuses(
    ask({ StartingPosition: { Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: '5' } }),
    'InvalidArgumentException',
  );
});

test('a stream with consumers is deleted only when requested explicitly', async () => {
  const StreamName = await subject.stream();
  await register(StreamName, 'app');
  await refuses(kinesis.deleteStream({ StreamName }), 'ResourceInUseException');
  await refuses(
    kinesis.deleteStream({ StreamName, EnforceConsumerDeletion: false }),
    'ResourceInUseException',
  );
  await kinesis.deleteStream({ StreamName, EnforceConsumerDeletion: true });
  await subject.gone(StreamName);
});

test('a consumer has tags of its own', async () => {
  const stream = await subject.stream();
  const ResourceARN = await register(stream, 'app');
  await kinesis.tagResource({ ResourceARN, Tags: { team: 'one' } });
  const { Tags } = await kinesis.listTagsForResource({ ResourceARN });
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'one' }]);
  const ofStream = await kinesis.listTagsForStream({ StreamName: stream });
  assert.deepEqual(ofStream.Tags, []);
});
