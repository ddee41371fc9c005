import assert from 'node:assert/strict';

/** What of the answers this journey looks at; each client has types of its own, or none. */
export interface Answer {
  readonly StreamNames?: readonly string[];
  readonly StreamDescription?: { readonly StreamARN: string; readonly StreamStatus: string };
  readonly StreamDescriptionSummary?: {
    readonly OpenShardCount: number;
    readonly EncryptionType: string;
    readonly RetentionPeriodHours: number;
  };
  readonly Shards?: readonly { readonly ShardId: string; readonly ParentShardId?: string }[];
  readonly ShardIterator?: string;
  readonly SequenceNumber?: string;
  readonly FailedRecordCount?: number;
  readonly Records?: readonly { readonly Data: unknown; readonly PartitionKey: string }[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly Consumer?: { readonly ConsumerARN: string };
  readonly Consumers?: readonly { readonly ConsumerName: string }[];
  readonly ConsumerDescription?: { readonly ConsumerStatus: string };
  readonly DesiredShardLevelMetrics?: readonly string[];
  readonly CurrentShardLevelMetrics?: readonly string[];
  readonly ShardLimit?: number;
  readonly Policy?: string;
  readonly TargetShardCount?: number;
  readonly MinimumThroughputBillingCommitment?: { readonly Status: string };
}

/** A client of Kinesis, of whatever make. */
export interface Client {
  /** Throws an error whose text has the name of AWS's. */
  readonly call: (operation: string, input: object) => Promise<Answer>;
  /** How it takes and gives the data of records. */
  readonly data: (text: string) => unknown;
  readonly text: (data: unknown) => string;
  /** All operations that its version knows. */
  readonly operations: readonly string[];
}

const SHARD_0 = 'shardId-000000000000';
const HALF = (2n ** 127n).toString();

/** Calls all operations of Kinesis that the client knows, except `except`, and checks what they answer. */
export async function travel(client: Client, except: readonly string[]): Promise<void> {
  const known = new Set(client.operations);
  const called = new Set<string>();
  const tracked: Client = {
    ...client,
    call: (operation, input) => {
      called.add(operation);
      return client.call(operation, input);
    },
  };
  const StreamARN = await records(tracked);
  await shards(tracked);
  await options(tracked, StreamARN);
  await tagsAndPolicies(tracked, StreamARN, known);
  await consumers(tracked, StreamARN);
  await newer(tracked, StreamARN, known);
  await ends(tracked);
  const missed = client.operations.filter((name) => !called.has(name) && !except.includes(name));
  assert.deepEqual(missed, [], 'all operations that the client knows are called');
}

async function records({ call, data, text }: Client): Promise<string> {
  await call('CreateStream', { StreamName: 'orders', ShardCount: 1 });
  assert.deepEqual((await call('ListStreams', {})).StreamNames, ['orders']);
  const { StreamDescription } = await call('DescribeStream', { StreamName: 'orders' });
  assert.equal(StreamDescription?.StreamStatus, 'ACTIVE');
  const put = await call('PutRecord', { StreamName: 'orders', PartitionKey: 'k', Data: data('first ü') });
  assert.match(put.SequenceNumber ?? '', /^\d{56}$/);
  const Records = ['second', 'third'].map((each) => ({ PartitionKey: each, Data: data(each) }));
  assert.equal((await call('PutRecords', { StreamName: 'orders', Records })).FailedRecordCount, 0);
  const place = { StreamName: 'orders', ShardId: SHARD_0, ShardIteratorType: 'TRIM_HORIZON' };
  const { ShardIterator } = await call('GetShardIterator', place);
  const read = await call('GetRecords', { ShardIterator });
  assert.deepEqual(
    read.Records?.map(({ Data, PartitionKey }) => [text(Data), PartitionKey]),
    [
      ['first ü', 'k'],
      ['second', 'second'],
      ['third', 'third'],
    ],
  );
  await assert.rejects(call('GetRecords', { ShardIterator: 'AAAA' }), /InvalidArgumentException/);
  return StreamDescription.StreamARN;
}

async function shards({ call }: Client): Promise<void> {
  const StreamName = 'orders';
  await call('SplitShard', { StreamName, ShardToSplit: SHARD_0, NewStartingHashKey: HALF });
  await call('MergeShards', {
    StreamName,
    ShardToMerge: 'shardId-000000000001',
    AdjacentShardToMerge: 'shardId-000000000002',
  });
  const scaled = await call('UpdateShardCount', {
    StreamName,
    TargetShardCount: 2,
    ScalingType: 'UNIFORM_SCALING',
  });
  assert.equal(scaled.TargetShardCount, 2);
  const { Shards } = await call('ListShards', { StreamName });
  assert.deepEqual(
    Shards?.map(({ ParentShardId }) => ParentShardId?.at(-1)),
    [undefined, '0', '0', '1', '3', '3'],
  );
  const { ShardLimit = 0 } = await call('DescribeLimits', {});
  assert(ShardLimit > 0);
}

async function options({ call }: Client, StreamARN: string): Promise<void> {
  const StreamName = 'orders';
  await call('IncreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 48 });
  await call('DecreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 36 });
  const key = { StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' };
  await call('StartStreamEncryption', key);
  const { StreamDescriptionSummary } = await call('DescribeStreamSummary', { StreamName });
  assert.deepEqual(
    [StreamDescriptionSummary?.RetentionPeriodHours, StreamDescriptionSummary?.EncryptionType],
    [36, 'KMS'],
  );
  await call('StopStreamEncryption', key);
  const metrics = { StreamName, ShardLevelMetrics: ['IncomingBytes'] };
  const on = await call('EnableEnhancedMonitoring', metrics);
  assert.deepEqual(on.DesiredShardLevelMetrics, ['IncomingBytes']);
  const off = await call('DisableEnhancedMonitoring', metrics);
  assert.deepEqual(off.CurrentShardLevelMetrics, ['IncomingBytes']);
  await call('UpdateStreamMode', { StreamARN, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
}

async function tagsAndPolicies(
  { call }: Client,
  ResourceARN: string,
  known: ReadonlySet<string>,
): Promise<void> {
  const StreamName = 'orders';
  await call('AddTagsToStream', { StreamName, Tags: { a: '1', b: '2' } });
  await call('RemoveTagsFromStream', { StreamName, TagKeys: ['b'] });
  const expected = [{ Key: 'a', Value: '1' }];
  assert.deepEqual((await call('ListTagsForStream', { StreamName })).Tags, expected);
  if (known.has('TagResource')) {
    await call('TagResource', { ResourceARN, Tags: { c: '3' } });
    await call('UntagResource', { ResourceARN, TagKeys: ['c'] });
    assert.deepEqual((await call('ListTagsForResource', { ResourceARN })).Tags, expected);
  }
  if (!known.has('PutResourcePolicy')) return;
  const Policy = JSON.stringify({
    Statement: {
      Effect: 'Allow',
      Principal: '*',
      Action: 'kinesis:PutRecord',
      Resource: ResourceARN,
    },
  });
  await call('PutResourcePolicy', { ResourceARN, Policy });
  assert.equal((await call('GetResourcePolicy', { ResourceARN })).Policy, Policy);
  await call('DeleteResourcePolicy', { ResourceARN });
}

async function consumers({ call }: Client, StreamARN: string): Promise<void> {
  const byName = { StreamARN, ConsumerName: 'app' };
  const { Consumer } = await call('RegisterStreamConsumer', byName);
  const described = await call('DescribeStreamConsumer', byName);
  assert.equal(described.ConsumerDescription?.ConsumerStatus, 'ACTIVE');
  const { Consumers } = await call('ListStreamConsumers', { StreamARN });
  assert.deepEqual(
    Consumers?.map(({ ConsumerName }) => ConsumerName),
    ['app'],
  );
  await call('DeregisterStreamConsumer', { ConsumerARN: Consumer?.ConsumerARN });
}

/** Operations that not all clients know yet. */
async function newer({ call }: Client, StreamARN: string, known: ReadonlySet<string>): Promise<void> {
  if (known.has('UpdateMaxRecordSize'))
    await call('UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB: 2048 });
  if (known.has('UpdateAccountSettings')) {
    const MinimumThroughputBillingCommitment = { Status: 'ENABLED' };
    await call('UpdateAccountSettings', { MinimumThroughputBillingCommitment });
    const settings = await call('DescribeAccountSettings', {});
    assert.equal(settings.MinimumThroughputBillingCommitment?.Status, 'ENABLED');
  }
  if (known.has('UpdateStreamWarmThroughput'))
    await call('UpdateStreamWarmThroughput', { StreamARN, WarmThroughputMiBps: 10 });
  if (known.has('UpdateStreamRecordDistributionStrategy')) {
    const RecordDistributionStrategy = 'AUTO';
    await call('UpdateStreamRecordDistributionStrategy', { StreamARN, RecordDistributionStrategy });
  }
}

async function ends({ call }: Client): Promise<void> {
  await call('DeleteStream', { StreamName: 'orders' });
  await assert.rejects(
    call('DescribeStream', { StreamName: 'orders' }),
    /ResourceNotFoundException[\s\S]*Stream orders under account 000000000000 not found\./,
  );
}
