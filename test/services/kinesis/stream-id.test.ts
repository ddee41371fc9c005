import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeStreamSummaryCommand, RegisterStreamConsumerCommand } from '@aws-sdk/client-kinesis';
import api from '../../../src/services/kinesis/api.json' with { type: 'json' };
import type { ServiceModel } from '../../../src/protocol/model.ts';
import { startKinesis } from './support/server.ts';
import { ARN, callRaw, createStream, SHARD_0 } from './support/streams.ts';

const model: ServiceModel = api;

/** What an operation needs besides the names of its stream. */
const NEEDED: Readonly<Record<string, unknown>> = {
  ConsumerName: 'app',
  Data: 'AA==',
  EncryptionType: 'KMS',
  KeyId: 'alias/aws/kinesis',
  NewStartingHashKey: '1000',
  Policy: JSON.stringify({
    Statement: { Effect: 'Allow', Principal: '*', Action: 'kinesis:PutRecord', Resource: `${ARN}/orders` },
  }),
  Records: [{ PartitionKey: 'k', Data: 'AA==' }],
  RecordDistributionStrategy: 'AUTO',
  RetentionPeriodHours: 48,
  ScalingType: 'UNIFORM_SCALING',
  ShardId: SHARD_0,
  ShardIteratorType: 'LATEST',
  ShardLevelMetrics: ['ALL'],
  ShardToSplit: SHARD_0,
  ShardToMerge: SHARD_0,
  AdjacentShardToMerge: SHARD_0,
  StartingPosition: { Type: 'LATEST' },
  StreamModeDetails: { StreamMode: 'ON_DEMAND' },
  TagKeys: ['a'],
  Tags: { a: 'b' },
  TargetShardCount: 2,
  MaxRecordSizeInKiB: 2048,
  WarmThroughputMiBps: 10,
};

// A StreamId was once ignored beside another name of the stream, and by some operations altogether.
test('a StreamId must match any other name of the stream, in every operation that accepts one', async () => {
  await using kinesis = await startKinesis({ streamIds: 'shown' });
  await createStream(kinesis.client, 'orders');
  await createStream(kinesis.client, 'events');
  const idOf = async (StreamName: string) => {
    const answer = await kinesis.client.send(new DescribeStreamSummaryCommand({ StreamName }));
    return answer.StreamDescriptionSummary?.StreamId;
  };
  const { Consumer } = await kinesis.client.send(
    new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/orders`, ConsumerName: 'app' }),
  );
  const { body } = await callRaw(kinesis.endpoint, 'GetShardIterator', {
    StreamName: 'orders',
    ShardId: SHARD_0,
    ShardIteratorType: 'LATEST',
  });
  const names: Readonly<Record<string, unknown>> = {
    StreamName: 'orders',
    StreamARN: `${ARN}/orders`,
    ConsumerARN: Consumer?.ConsumerARN,
    ResourceARN: `${ARN}/orders`,
    ShardIterator: body['ShardIterator'],
  };
  const [own, other] = [await idOf('orders'), await idOf('events')];
  let operations = 0;
  for (const [operation, { input }] of Object.entries(model.operations)) {
    const { members = {}, required = [] } = model.shapes[input?.shape ?? ''] ?? {};
    if (members['StreamId'] === undefined) continue;
    operations++;
    const needed = Object.fromEntries(required.map((name) => [name, NEEDED[name] ?? names[name]]));
    for (const name of Object.keys(names).filter((known) => members[known] !== undefined)) {
      const consumer = name === 'StreamARN' && members['ConsumerName'] !== undefined;
      const given = {
        ...needed,
        ...(consumer && { ConsumerName: 'app' }),
        [name]: names[name],
        StreamId: other,
      };
      const { status, body: error } = await callRaw(kinesis.endpoint, operation, given);
      const told = `${operation} by ${name}: ${status} ${JSON.stringify(error)}`;
      assert.equal(error['__type'], 'InvalidArgumentException', told);
      const reason =
        /StreamId [a-z0-9-]+ is not that of stream orders\.|^The ShardIterator is not of the stream/;
      assert.match(String(error['message']), reason, told);
    }
  }
  assert(operations > 30, `${operations}`);
  const consumer = { ResourceARN: Consumer?.ConsumerARN, TagKeys: ['a'] };
  const untag = (StreamId: unknown) => callRaw(kinesis.endpoint, 'UntagResource', { ...consumer, StreamId });
  assert.equal((await untag(other)).status, 400);
  assert.equal((await untag(own)).status, 200);
  const described = { StreamName: 'orders', StreamARN: `${ARN}/orders`, StreamId: own };
  assert.equal((await callRaw(kinesis.endpoint, 'DescribeStream', described)).status, 200);
});
