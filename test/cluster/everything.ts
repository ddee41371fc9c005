import { createHash } from 'node:crypto';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricStatisticsCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateDatabaseCommand, CreateTableCommand, GetTableCommand, GlueClient } from '@aws-sdk/client-glue';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamConsumersCommand,
  ListTagsForStreamCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetFunctionCommand,
  GetLayerVersionCommand,
  InvokeCommand,
  LambdaClient,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateTopicCommand,
  ListSubscriptionsCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { clientOptions } from '../support/client.ts';
import { until } from '../support/until.ts';
import { zip } from '../services/lambda/lambda-server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/r';
const MAPPED_GROUP = '/aws/lambda/mapped';

/** Of all services at one server; of objects, perhaps at another one. */
export function clientsAt(endpoint: string, objectsAt = endpoint) {
  const options = { ...clientOptions(endpoint), maxAttempts: 5 };
  return {
    kinesis: new KinesisClient(options),
    lambda: new LambdaClient(options),
    logs: new CloudWatchLogsClient(options),
    s3: new S3Client({ ...options, endpoint: objectsAt, forcePathStyle: true }),
    sns: new SNSClient(options),
    sqs: new SQSClient(options),
    iam: new IAMClient(options),
    glue: new GlueClient(options),
    cloudwatch: new CloudWatchClient(options),
  };
}

export type Clients = ReturnType<typeof clientsAt>;

/** A kind of data: how it is made, and all that the API says of it. */
interface Kind {
  readonly make: (clients: Clients) => Promise<void>;
  readonly read: (clients: Clients) => Promise<unknown>;
}

/** In the order in which they are made. */
const kinds: Readonly<Record<string, Kind>> = {
  objects: {
    async make({ s3 }) {
      await s3.send(new CreateBucketCommand({ Bucket: 'b-1' }));
      const object = { Bucket: 'b-1', ContentType: 'text/x', CacheControl: 'no-store' };
      await s3.send(
        new PutObjectCommand({ ...object, Key: 'a/\u00e9 b', Body: 'text', Metadata: { one: '1' } }),
      );
      await s3.send(new PutObjectCommand({ ...object, Key: 'empty', Body: Buffer.alloc(0) }));
      await s3.send(new PutObjectCommand({ ...object, Key: 'large', Body: largeBody() }));
    },
    async read({ s3 }) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'b-1' }));
      return await Promise.all(
        Contents.map(async ({ Key }) => {
          const answer = await s3.send(new GetObjectCommand({ Bucket: 'b-1', Key }));
          const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
          const { ContentType, CacheControl, Metadata } = answer;
          return { Key, sum: sumOf(bytes), bytes: bytes.length, ContentType, CacheControl, Metadata };
        }),
      );
    },
  },
  streams: {
    async make({ kinesis }) {
      for (const StreamName of ['s', 'split'])
        await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1, Tags: { team: 'a' } }));
      for (let batch = 0; batch < 3; batch++) await putRecords(kinesis, 'split', batch);
      const NewStartingHashKey = '170141183460469231731687303715884105728';
      const shard = { StreamName: 'split', ShardToSplit: 'shardId-000000000000' };
      await kinesis.send(new SplitShardCommand({ ...shard, NewStartingHashKey }));
      await waitUntilStreamExists({ client: kinesis, maxWaitTime: 30 }, { StreamName: 'split' });
      for (let batch = 3; batch < 6; batch++) await putRecords(kinesis, 'split', batch);
      const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
      await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }));
    },
    async read({ kinesis }) {
      const found = [];
      for (const StreamName of ['s', 'split']) {
        const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
        const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
        const { Tags } = await kinesis.send(new ListTagsForStreamCommand({ StreamName }));
        const { Consumers = [] } = await kinesis.send(new ListStreamConsumersCommand({ StreamARN }));
        const records = await Promise.all(
          Shards.map(({ ShardId }) => recordsOf(kinesis, StreamName, ShardId)),
        );
        found.push({ Shards, Tags, consumers: Consumers.map(({ ConsumerARN }) => ConsumerARN), records });
      }
      return found;
    },
  },
  functions: {
    async make({ lambda }) {
      const content = { 'nodejs/node_modules/l/index.js': "module.exports = 'of a layer'" };
      const { LayerVersionArn = '' } = await lambda.send(
        new PublishLayerVersionCommand({ LayerName: 'l', Content: { ZipFile: zip(content) } }),
      );
      await createFunction(
        lambda,
        'mapped',
        'exports.handler = async (e) => { for (const r of e.Records) console.log(r.kinesis.sequenceNumber) }',
      );
      await createFunction(lambda, 'layered', "exports.handler = async () => require('l')", [
        LayerVersionArn,
      ]);
      await lambda.send(new PublishVersionCommand({ FunctionName: 'layered' }));
      await lambda.send(
        new CreateAliasCommand({ FunctionName: 'layered', Name: 'live', FunctionVersion: '1' }),
      );
    },
    async read({ lambda }) {
      const found = [];
      for (const FunctionName of ['mapped', 'layered', 'layered:live']) {
        const { Configuration, Code } = await lambda.send(new GetFunctionCommand({ FunctionName }));
        found.push({ Configuration, zip: await download(Code?.Location) });
      }
      const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'layered:live' }));
      const layer = await lambda.send(new GetLayerVersionCommand({ LayerName: 'l', VersionNumber: 1 }));
      const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName: 'layered' }));
      return [found, Payload?.transformToString(), await download(layer.Content?.Location), Aliases];
    },
  },
  mappings: {
    async make({ kinesis, lambda, logs }) {
      const EventSourceArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
      const options = { FunctionName: 'mapped', StartingPosition: 'TRIM_HORIZON', BatchSize: 10 } as const;
      await lambda.send(new CreateEventSourceMappingCommand({ EventSourceArn, ...options }));
      await putRecords(kinesis, 's', 0);
      await untilMapped(logs, 5);
    },
    async read({ lambda, logs }) {
      const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
      return [EventSourceMappings, await mapped(logs)];
    },
  },
  'log events': {
    async make({ logs }) {
      const group = { logGroupName: '/app', logStreamName: 'one' };
      await logs.send(new CreateLogGroupCommand({ ...group, tags: { team: 'a' } }));
      await logs.send(new CreateLogStreamCommand(group));
      const now = Date.now();
      const logEvents = ['first', 'second', 'x'.repeat(200_000)].map((message, n) => ({
        message,
        timestamp: now + n,
      }));
      await logs.send(new PutLogEventsCommand({ ...group, logEvents }));
    },
    async read({ logs }) {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/app' }));
      return events;
    },
  },
  queues: {
    async make({ sqs }) {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
      for (const MessageBody of ['m1', 'm2', 'm3'])
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      const options = { QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: 3600 };
      await sqs.send(new ReceiveMessageCommand(options));
    },
    async read({ sqs }) {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      return Attributes;
    },
  },
  topics: {
    async make({ sns }) {
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }));
      const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:q';
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    },
    async read({ sns }) {
      return (await sns.send(new ListSubscriptionsCommand({}))).Subscriptions;
    },
  },
  'metrics, alarms and dashboards': {
    async make({ cloudwatch }) {
      const metric = { MetricName: 'm', Value: 3, Timestamp: new Date(Date.now() - 120_000) };
      await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'n', MetricData: [metric] }));
      const options = { ComparisonOperator: 'GreaterThanThreshold', Threshold: 1, Statistic: 'Sum' } as const;
      const place = { Namespace: 'n', MetricName: 'm', EvaluationPeriods: 1, Period: 86_400 };
      await cloudwatch.send(
        new PutMetricAlarmCommand({ AlarmName: 'a', ...options, ...place, ActionsEnabled: false }),
      );
      const DashboardBody = JSON.stringify({ widgets: [] });
      await cloudwatch.send(new PutDashboardCommand({ DashboardName: 'd', DashboardBody }));
    },
    async read({ cloudwatch }) {
      const EndTime = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000);
      const times = { StartTime: new Date(EndTime.getTime() - 7_200_000), EndTime, Period: 7200 };
      const { Datapoints = [] } = await cloudwatch.send(
        new GetMetricStatisticsCommand({ Namespace: 'n', MetricName: 'm', ...times, Statistics: ['Sum'] }),
      );
      const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({}));
      const { DashboardBody } = await cloudwatch.send(new GetDashboardCommand({ DashboardName: 'd' }));
      // Its state changes by itself.
      const alarms = MetricAlarms.map(({ AlarmName, Threshold }) => ({ AlarmName, Threshold }));
      return [Datapoints.map(({ Sum }) => Sum), alarms, DashboardBody];
    },
  },
  'users and access keys': {
    async make({ iam }) {
      await iam.send(new CreateUserCommand({ UserName: 'ann', Tags: [{ Key: 'team', Value: 'a' }] }));
      await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    },
    async read({ iam }) {
      const { Users } = await iam.send(new ListUsersCommand({}));
      const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'ann' }));
      return [Users, AccessKeyMetadata];
    },
  },
  'the table catalog': {
    async make({ glue }) {
      await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'd' } }));
      const Columns = [{ Name: 'c', Type: 'string' }];
      const TableInput = { Name: 't', StorageDescriptor: { Columns, Location: 's3://b-1/t' } };
      await glue.send(new CreateTableCommand({ DatabaseName: 'd', TableInput }));
    },
    async read({ glue }) {
      return (await glue.send(new GetTableCommand({ DatabaseName: 'd', Name: 't' }))).Table;
    },
  },
};

/** Makes one of each kind of data that a server keeps. */
export async function makeEverything(clients: Clients): Promise<void> {
  for (const { make } of Object.values(kinds)) await make(clients);
}

/** All that the API says of it, to compare two servers. */
export async function readEverything(clients: Clients): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [name, { read }] of Object.entries(kinds)) found[name] = withoutRequest(await read(clients));
  return found;
}

/** Puts further records, and resolves with the sequence numbers that the mapped function has had, in order. */
export async function continueMapping({ kinesis, logs }: Clients): Promise<string[]> {
  const before = (await mapped(logs)).length;
  await putRecords(kinesis, 's', 100);
  await untilMapped(logs, before + 5);
  return await mapped(logs);
}

function largeBody(): Buffer {
  return createHash('shake256', { outputLength: 12 * 1024 * 1024 + 7 })
    .update('large')
    .digest();
}

async function putRecords(kinesis: KinesisClient, StreamName: string, batch: number): Promise<void> {
  const Records = Array.from({ length: 5 }, (_, n) => ({
    PartitionKey: `p${n}`,
    Data: Buffer.from(`${batch}.${n} ${'\u00e9'.repeat(batch)}`),
  }));
  await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
}

async function recordsOf(kinesis: KinesisClient, StreamName: string, ShardId: string | undefined) {
  const position = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(position));
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data, ...rest }) => ({ ...rest, data: Buffer.from(Data ?? []).toString('hex') }));
}

async function createFunction(
  lambda: LambdaClient,
  FunctionName: string,
  source: string,
  Layers: string[] = [],
) {
  const rest = { Runtime: 'nodejs24.x', Role: ROLE, Handler: 'index.handler', Layers } as const;
  const Code = { ZipFile: zip({ 'index.js': source }) };
  await lambda.send(new CreateFunctionCommand({ FunctionName, Code, ...rest }));
}

/** The sequence numbers that the mapped function has printed. */
async function mapped(logs: CloudWatchLogsClient): Promise<string[]> {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: MAPPED_GROUP }));
  return events.flatMap(({ message = '' }) => /\b(\d{56})\b/.exec(message)?.[1] ?? []);
}

async function untilMapped(logs: CloudWatchLogsClient, count: number): Promise<void> {
  await until(async () => (await mapped(logs).catch(() => [])).length >= count);
}

/** The URL changes with the server, and what it returns does not. */
async function download(url: string | undefined): Promise<string> {
  if (url === undefined) return 'no URL';
  return sumOf(new Uint8Array(await (await fetch(url)).arrayBuffer()));
}

function sumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function withoutRequest(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
