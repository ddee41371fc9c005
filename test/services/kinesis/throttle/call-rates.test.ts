import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateStreamCommand,
  DescribeLimitsCommand,
  DescribeStreamCommand,
  ListShardsCommand,
  RegisterStreamConsumerCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
} from '@aws-sdk/client-kinesis';
import { limitedOperations } from '../../../../src/config/kinesis-limits.ts';
import { operations } from '../../../../src/services/kinesis/operations/index.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, callRaw, createStream, refused } from '../support/streams.ts';

const startMs = 1_790_000_000_000;

test("streams are created and described at AWS's rates", async () => {
  const clock = new ManualClock(startMs);
  await using kinesis = await startKinesis({ clock, limits: { mode: 'aws' } });
  for (let made = 0; made < 5; made++) await createStream(kinesis.client, `orders${made}`);
  await refused(
    createStream(kinesis.client, 'orders5'),
    'LimitExceededException',
    'Rate exceeded for stream orders5 under account 000000000000.',
  );
  clock.advance(200);
  await createStream(kinesis.client, 'orders5');
  const describe = (StreamName: string) => kinesis.client.send(new DescribeStreamCommand({ StreamName }));
  for (let calls = 0; calls < 10; calls++) await describe(`orders${calls % 5}`);
  await refused(
    describe('orders0'),
    'LimitExceededException',
    'Rate exceeded for stream orders0 under account 000000000000.',
  );
});

test('a limit per stream applies to that stream only, however it is named', async () => {
  const clock = new ManualClock(startMs);
  await using kinesis = await startKinesis({ clock, limits: { callsPerSecond: { ListShards: 2 } } });
  await createStream(kinesis.client, 'orders');
  await createStream(kinesis.client, 'events');
  const byName = (StreamName: string) => kinesis.client.send(new ListShardsCommand({ StreamName }));
  await byName('orders');
  await kinesis.client.send(new ListShardsCommand({ StreamARN: `${ARN}/orders` }));
  await refused(byName('orders'), 'LimitExceededException');
  await byName('events');
});

test('every operation has a call limit, except those limited per shard', () => {
  const unlimited = Object.keys(operations).filter(
    (name) => !limitedOperations.some((known) => known === name),
  );
  assert.deepEqual(unlimited, ['GetRecords', 'PutRecord', 'PutRecords']);
});

test('operations of channels and tags are limited to five calls per second, UpdateShardCount to ten', async () => {
  const clock = new ManualClock(startMs);
  await using kinesis = await startKinesis({ clock, limits: { mode: 'aws' } });
  const channel = { ChannelARN: 'arn:aws:kinesis:us-east-1:000000000000:channel/none' };
  const tagged = { ResourceARN: `${ARN}/orders`, Tags: { a: 'b' }, TagKeys: ['a'] };
  const resize = { StreamName: 'orders', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' };
  const calls: Record<string, [input: object, perSecond: number]> = {
    DescribeChannel: [channel, 5],
    DeleteChannel: [channel, 5],
    UpdateChannel: [channel, 5],
    ListChannels: [{}, 5],
    TagResource: [tagged, 5],
    UntagResource: [tagged, 5],
    ListTagsForResource: [tagged, 5],
    UpdateShardCount: [resize, 10],
  };
  for (const [name, [input, perSecond]] of Object.entries(calls)) {
    const call = async () => (await callRaw(kinesis.endpoint, name, input)).body['__type'];
    for (let made = 0; made < perSecond; made++)
      assert.notEqual(await call(), 'LimitExceededException', name);
    assert.equal(await call(), 'LimitExceededException', name);
  }
});

test('consumers are registered five times per second for all streams together, and five may be CREATING at once', async () => {
  const clock = new ManualClock(startMs);
  await using kinesis = await startKinesis({ clock, limits: { mode: 'aws' }, lifecycleMs: 5000 });
  for (const name of ['orders', 'events']) await createStream(kinesis.client, name);
  clock.advance(5000);
  const register = (stream: string, ConsumerName: string) =>
    kinesis.client.send(new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/${stream}`, ConsumerName }));
  for (const n of [1, 2, 3]) await register('orders', `app${n}`);
  for (const n of [4, 5]) await register('events', `app${n}`);
  await refused(register('events', 'app6'), 'LimitExceededException', /^Rate exceeded/);
  clock.advance(1000);
  await refused(register('events', 'app6'), 'LimitExceededException', /5\.$/);
  clock.advance(4000);
  await register('events', 'app6');
});

test('a stream accepts UpdateShardCount 10 times in any 24 hours', async () => {
  const clock = new ManualClock(startMs);
  await using kinesis = await startKinesis({
    clock,
    limits: { mode: 'aws', callsPerSecond: { UpdateShardCount: Infinity } },
  });
  await createStream(kinesis.client);
  const update = (TargetShardCount: number) =>
    kinesis.client.send(
      new UpdateShardCountCommand({
        StreamName: 'orders',
        TargetShardCount,
        ScalingType: 'UNIFORM_SCALING',
      }),
    );
  for (let calls = 0; calls < 10; calls++) {
    await update(calls % 2 === 0 ? 2 : 1);
    clock.advance(3_600_000);
  }
  await refused(update(2), 'LimitExceededException', /10 times in 24 hours for stream orders/);
  clock.advance(14 * 3_600_000);
  await update(2);
  await refused(update(1), 'LimitExceededException');
});

test('quotas of shards, on-demand streams, streams being created and consumers are enforced', async () => {
  const clock = new ManualClock(startMs);
  const limits = {
    shardsPerAccount: 10,
    onDemandStreams: 1,
    streamsCreatingAtOnce: 2,
    consumersPerStream: 1,
  };
  await using kinesis = await startKinesis({ clock, limits, lifecycleMs: 1000 });
  await createStream(kinesis.client, 'orders', 6);
  await refused(createStream(kinesis.client, 'events', 5), 'LimitExceededException', /Limit: 10/);
  const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
  const free = (StreamName: string) =>
    kinesis.client.send(new CreateStreamCommand({ StreamName, StreamModeDetails }));
  // Shards of on-demand streams are not counted.
  await free('free');
  await refused(createStream(kinesis.client, 'events', 1), 'LimitExceededException', /CREATING/);
  clock.advance(1000);
  await createStream(kinesis.client, 'events', 4);
  await refused(free('free2'), 'LimitExceededException', /on-demand stream limit/);
  const toOnDemand = new UpdateStreamModeCommand({ StreamARN: `${ARN}/orders`, StreamModeDetails });
  await refused(kinesis.client.send(toOnDemand), 'LimitExceededException', /on-demand stream limit/);
  const register = (ConsumerName: string) =>
    kinesis.client.send(new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/orders`, ConsumerName }));
  await register('a');
  await refused(register('b'), 'LimitExceededException', /allowed: 1/);
  const { ShardLimit, OnDemandStreamCountLimit } = await kinesis.client.send(new DescribeLimitsCommand({}));
  assert.deepEqual({ ShardLimit, OnDemandStreamCountLimit }, { ShardLimit: 10, OnDemandStreamCountLimit: 1 });
});

test('the mode of a stream can be switched twice in 24 hours', async () => {
  const clock = new ManualClock(startMs);
  await using kinesis = await startKinesis({ clock, limits: { mode: 'aws' } });
  await createStream(kinesis.client);
  const update = (StreamMode: 'ON_DEMAND' | 'PROVISIONED') =>
    kinesis.client.send(
      new UpdateStreamModeCommand({ StreamARN: `${ARN}/orders`, StreamModeDetails: { StreamMode } }),
    );
  await update('ON_DEMAND');
  await update('PROVISIONED');
  await update('PROVISIONED');
  await refused(update('ON_DEMAND'), 'LimitExceededException', /2 times in 24 hours/);
});
