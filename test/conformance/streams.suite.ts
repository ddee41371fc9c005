import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { HALF, LAST_HASH_KEY, openSubject, refuses, SHARD_0, SHARD_1, until } from './subject.ts';

const subject = await openSubject();
after(() => subject.close());
const { kinesis } = subject;

test('a new stream is described: shards that cover all hash keys, one day of retention, no encryption', async () => {
  const stream = await subject.stream({ ShardCount: 2 });
  const { StreamDescription: described } = await kinesis.describeStream({ StreamName: stream });
  assert.match(
    described?.StreamARN ?? '',
    new RegExp(`^arn:aws[\\w-]*:kinesis:${subject.region}:\\d{12}:stream/${stream}$`),
  );
  assert.deepEqual(
    described?.Shards?.map(({ ShardId, HashKeyRange, ParentShardId }) => [
      ShardId,
      HashKeyRange,
      ParentShardId,
    ]),
    [
      [SHARD_0, { StartingHashKey: '0', EndingHashKey: ((1n << 127n) - 1n).toString() }, undefined],
      [SHARD_1, { StartingHashKey: HALF, EndingHashKey: LAST_HASH_KEY }, undefined],
    ],
  );
  for (const { SequenceNumberRange } of described?.Shards ?? []) {
    assert.match(SequenceNumberRange?.StartingSequenceNumber ?? '', /^\d{56}$/);
    assert.equal(SequenceNumberRange?.EndingSequenceNumber, undefined);
  }
  assert.equal(described?.HasMoreShards, false);
  assert.equal(described?.RetentionPeriodHours, 24);
  assert.equal(described?.EncryptionType, 'NONE');
  assert.deepEqual(described?.EnhancedMonitoring, [{ ShardLevelMetrics: [] }]);
  assert.equal(described?.StreamModeDetails?.StreamMode, 'PROVISIONED');
  const summary = await subject.summary(stream);
  assert.deepEqual([summary.OpenShardCount, summary.ConsumerCount, summary.RetentionPeriodHours], [2, 0, 24]);
});

test('shards are returned in pages, by Limit and ExclusiveStartShardId', async () => {
  const StreamName = await subject.stream({ ShardCount: 2 });
  const first = await kinesis.describeStream({ StreamName, Limit: 1 });
  assert.deepEqual(
    [first.StreamDescription?.Shards?.map(({ ShardId }) => ShardId), first.StreamDescription?.HasMoreShards],
    [[SHARD_0], true],
  );
  const rest = await kinesis.describeStream({ StreamName, ExclusiveStartShardId: SHARD_0 });
  assert.deepEqual(
    [rest.StreamDescription?.Shards?.map(({ ShardId }) => ShardId), rest.StreamDescription?.HasMoreShards],
    [[SHARD_1], false],
  );
});

test('streams are listed by name, in pages', async () => {
  const names = [await subject.stream(), await subject.stream(), await subject.stream()];
  const [first = '', second = '', third = ''] = names;
  const page = await kinesis.listStreams({ ExclusiveStartStreamName: first, Limit: 1 });
  assert.deepEqual([page.StreamNames, page.HasMoreStreams], [[second], true]);
  assert.equal(page.StreamSummaries?.[0]?.StreamStatus, 'ACTIVE');
  const next = await kinesis.listStreams({ NextToken: page.NextToken, Limit: 1 });
  assert.deepEqual(next.StreamNames, [third]);
});

// Without any mode AWS makes a stream of four shards (recorded), as only on-demand streams begin with.
test('a provisioned stream requires a shard count; an on-demand one has four and accepts none', async () => {
  await refuses(
    kinesis.createStream({
      StreamName: subject.newName(),
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
    }),
    'ValidationException',
    /shardCount/i,
  );
  await refuses(
    kinesis.createStream({
      StreamName: subject.newName(),
      ShardCount: 1,
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
    }),
    'InvalidArgumentException',
  );
  const stream = await subject.stream({ StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  const summary = await subject.summary(stream);
  assert.deepEqual([summary.OpenShardCount, summary.StreamModeDetails?.StreamMode], [4, 'ON_DEMAND']);
  const name = subject.newName();
  await kinesis.createStream({ StreamName: name });
  await subject.active(name);
  const plain = await subject.summary(name);
  assert.deepEqual([plain.OpenShardCount, plain.StreamModeDetails?.StreamMode], [4, 'ON_DEMAND']);
});

test('a stream can be switched from provisioned to on-demand by its ARN, and keeps its shards', async () => {
  const stream = await subject.stream({ ShardCount: 2 });
  await kinesis.updateStreamMode({
    StreamARN: await subject.arn(stream),
    StreamModeDetails: { StreamMode: 'ON_DEMAND' },
  });
  await until('ON_DEMAND', async () => {
    const { StreamStatus, StreamModeDetails } = await subject.summary(stream);
    return StreamStatus === 'ACTIVE' && StreamModeDetails?.StreamMode === 'ON_DEMAND';
  });
  const open = (await subject.shards(stream)).filter(
    ({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined,
  );
  assert(open.length >= 2);
});

test('a stream can always be named by its ARN, but not by an ARN of another account', async () => {
  const stream = await subject.stream();
  const StreamARN = await subject.arn(stream);
  const { StreamDescription } = await kinesis.describeStream({ StreamARN });
  assert.equal(StreamDescription?.StreamName, stream);
  await kinesis.putRecord({ StreamARN, PartitionKey: 'k', Data: Buffer.from('x') });
  const { Shards } = await kinesis.listShards({ StreamARN });
  assert.equal(Shards?.length, 1);
  // AWS answers AccessDeniedException where it does not want to say that a stream is not there.
  await assert.rejects(
    kinesis.describeStream({ StreamARN: StreamARN.replace(/:\d{12}:/, ':123456789012:') }),
    { name: /^(ResourceNotFoundException|AccessDeniedException)$/ },
  );
});

test('a deleted stream can be created again once it is gone, without the old records', async () => {
  const StreamName = await subject.stream();
  await subject.put(StreamName, 'old');
  await kinesis.deleteStream({ StreamName });
  await subject.gone(StreamName);
  await subject.stream({ StreamName });
  const { Records } = await kinesis.getRecords({ ShardIterator: await subject.iterator(StreamName) });
  assert.deepEqual(Records, []);
});

test('the maximum record size can be set between 1 and 10 MiB', async () => {
  const stream = await subject.stream({ MaxRecordSizeInKiB: 2048 });
  assert.equal((await subject.summary(stream)).MaxRecordSizeInKiB, 2048);
  await kinesis.updateMaxRecordSize({ StreamARN: await subject.arn(stream), MaxRecordSizeInKiB: 10_240 });
  await until('10 MiB', async () => {
    const { StreamStatus, MaxRecordSizeInKiB } = await subject.summary(stream);
    return StreamStatus === 'ACTIVE' && MaxRecordSizeInKiB === 10_240;
  });
  await refuses(
    kinesis.updateMaxRecordSize({ StreamARN: await subject.arn(stream), MaxRecordSizeInKiB: 10_241 }),
    'ValidationException',
    /less than or equal to 10240/,
  );
});

test("the account's limits, on-demand streams and open shards are returned", async () => {
  const before = await kinesis.describeLimits({});
  await subject.stream({ ShardCount: 2 });
  const {
    ShardLimit = 0,
    OpenShardCount = 0,
    OnDemandStreamCountLimit = 0,
  } = await kinesis.describeLimits({});
  assert(OpenShardCount >= (before.OpenShardCount ?? 0) + 2);
  assert(ShardLimit >= OpenShardCount);
  assert(OnDemandStreamCountLimit >= (before.OnDemandStreamCount ?? 0));
  const settings = await kinesis.describeAccountSettings({});
  assert(settings.MinimumThroughputBillingCommitment?.Status !== undefined);
});
