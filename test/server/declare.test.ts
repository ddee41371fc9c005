import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListStreamsCommand,
  SplitShardCommand,
  UpdateStreamModeCommand,
} from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ConfigError, readConfig } from '../../src/config.ts';
import { sectionsOf } from '../../src/declarations/plan.ts';
import { registrations } from '../../src/services/index.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';

/** A folder with a nagare.yaml that can be started on again and again. */
async function place() {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'say.mjs'), 'export const handler = async () => process.env.WORD;');
  return async (yaml: string): Promise<TestServer> => {
    await writeFile(join(folder, 'nagare.yaml'), yaml);
    const sections = sectionsOf(registrations);
    const config = await readConfig({ flags: {}, environment: {}, workingFolder: folder, sections });
    return await startTestServer({ ...config, port: 0, dataDir: join(folder, 'data'), logLevel: 'silent' });
  };
}

async function openShards(server: TestServer, stream: string): Promise<number | undefined> {
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  try {
    const summary = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
    return summary.StreamDescriptionSummary?.OpenShardCount;
  } finally {
    kinesis.destroy();
  }
}

/** Everything that can be declared, as seen through the APIs. */
async function seen({ endpoint }: TestServer) {
  const options = clientOptions(endpoint);
  const [lambda, s3, sns, cloudWatch] = [
    new LambdaClient(options),
    new S3Client({ ...options, forcePathStyle: true }),
    new SNSClient(options),
    new CloudWatchClient(options),
  ];
  const said = await lambda.send(new InvokeCommand({ FunctionName: 'say' }));
  const mappings = await lambda.send(new ListEventSourceMappingsCommand({}));
  const buckets = await s3.send(new ListBucketsCommand({}));
  const topics = await sns.send(new ListTopicsCommand({}));
  const subscriptions = await sns.send(new ListSubscriptionsCommand({}));
  const alarms = await cloudWatch.send(new DescribeAlarmsCommand({}));
  const logs = await runCommand(['log', 'list', '--endpoint', endpoint]);
  for (const client of [lambda, s3, sns, cloudWatch]) client.destroy();
  return {
    said: Buffer.from(said.Payload ?? []).toString(),
    mappings: mappings.EventSourceMappings?.map(({ UUID, BatchSize }) => ({ UUID, BatchSize })),
    buckets: buckets.Buckets?.map(({ Name }) => Name),
    topics: topics.Topics?.length,
    subscriptions: subscriptions.Subscriptions?.length,
    alarms: alarms.MetricAlarms?.map(({ AlarmName, Threshold }) => `${AlarmName} above ${Threshold}`),
    logs: logs.output,
  };
}

/** All that a declaration could have left in a store. */
async function namesIn({ endpoint }: TestServer) {
  const options = clientOptions(endpoint);
  const kinesis = new KinesisClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const sns = new SNSClient(options);
  const cloudWatch = new CloudWatchClient(options);
  const { StreamNames } = await kinesis.send(new ListStreamsCommand({}));
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
  const { output } = await runCommand(['log', 'list', '--endpoint', endpoint]);
  for (const client of [kinesis, s3, sns, cloudWatch]) client.destroy();
  return { StreamNames, Buckets, Topics, MetricAlarms, logs: output };
}

const whole = (info: { shards: number; word: string; batch: number; threshold: number }): string => `
streams:
  orders: { shardCount: ${info.shards} }
  events:
buckets: [archive]
functions:
  say:
    path: ./say.mjs
    environment: { WORD: ${info.word} }
    eventSources:
      - { stream: orders, batchSize: ${info.batch} }
listLogs:
  all: { stream: orders, bucket: archive, key: log.txt }
topics:
  alerts:
    subscriptions:
      - { protocol: lambda, endpoint: say }
alarms:
  busy:
    namespace: AWS/Kinesis
    metricName: IncomingRecords
    dimensions: { StreamName: orders }
    statistic: Sum
    period: 60
    threshold: ${info.threshold}
    comparisonOperator: GreaterThanThreshold
    alarmActions: [alerts]
`;

test('declared resources exist when the server is up; the same declarations again change nothing', async () => {
  const start = await place();
  const yaml = whole({ shards: 2, word: 'hello', batch: 10, threshold: 5 });
  const first = await start(yaml);
  const before = await seen(first);
  assert.deepEqual(
    { ...before, mappings: before.mappings?.map(({ BatchSize }) => BatchSize) },
    {
      said: '"hello"',
      mappings: [10],
      buckets: ['archive'],
      topics: 1,
      subscriptions: 1,
      alarms: ['busy above 5'],
      logs: before.logs,
    },
  );
  assert.match(before.logs, /^all\torders\ts3:\/\/archive\/log\.txt\tACTIVE\t/);
  assert.deepEqual([await openShards(first, 'orders'), await openShards(first, 'events')], [2, 1]);
  await first.stop();
  const second = await start(yaml);
  assert.deepEqual(await seen(second), before);
  await second.close();
});

test('a changed declaration changes the resource, and keeps everything else', async () => {
  const start = await place();
  const first = await start(whole({ shards: 1, word: 'hello', batch: 10, threshold: 5 }));
  const before = await seen(first);
  await first.stop();
  const second = await start(whole({ shards: 4, word: 'bye', batch: 20, threshold: 6 }));
  const after = await seen(second);
  assert.equal(after.said, '"bye"');
  assert.deepEqual(after.mappings, [{ ...before.mappings?.[0], BatchSize: 20 }]);
  assert.deepEqual(after.alarms, ['busy above 6']);
  assert.equal(await openShards(second, 'orders'), 4);
  await second.close();
});

test('a stream declared without a shard count keeps its shards', async () => {
  const start = await place();
  const first = await start('streams:\n  s:\n');
  const kinesis = new KinesisClient(clientOptions(first.endpoint));
  const middle = String(2n ** 127n);
  const split = { StreamName: 's', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: middle };
  await kinesis.send(new SplitShardCommand(split));
  kinesis.destroy();
  await first.stop();
  const second = await start('streams:\n  s:\n');
  assert.equal(await openShards(second, 's'), 2);
  await second.close();
});

// The number was passed over without a word.
test('a shard count is refused for a stream that was switched to on-demand', async () => {
  const start = await place();
  const first = await start('streams:\n  s: { shardCount: 1 }\n');
  const kinesis = new KinesisClient(clientOptions(first.endpoint));
  const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
  const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
  await kinesis.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails }));
  kinesis.destroy();
  await first.stop();
  await assert.rejects(start('streams:\n  s: { shardCount: 2 }\n'), /s is on demand.* omit shardCount/);
  await (await start('streams:\n  s:\n')).close();
});

test('resources that are no longer declared stay', async () => {
  const start = await place();
  const first = await start('streams:\n  s:\n');
  await first.stop();
  const second = await start('streams:\n  t:\n');
  assert.deepEqual([await openShards(second, 's'), await openShards(second, 't')], [1, 1]);
  await second.close();
});

test('everything that a service refuses is reported in its words, with its place, and the server does not start', async () => {
  const start = await place();
  const yaml = `
streams:
  'no good name':
buckets: [UPPER]
functions:
  say:
    path: ./say.exe
  hello:
    path: ./say.mjs
    eventSources:
      - { stream: nowhere }
topics:
  'a/b':
alarms:
  busy:
    namespace: AWS/Kinesis
    metricName: IncomingRecords
    statistic: Sum
    period: 7
    threshold: 1
    comparisonOperator: GreaterThanThreshold
listLogs:
  all: { stream: orders, bucket: archive, key: log.txt, format: '{open' }
`;
  await assert.rejects(start(yaml), (error) => {
    assert.ok(error instanceof ConfigError);
    const places = error.message.split('\n').map((line) => /^(\S+: .+?): /.exec(line)?.[1]);
    assert.deepEqual(places, [
      'nagare.yaml:3: streams.no good name',
      'nagare.yaml:4: buckets.UPPER',
      'nagare.yaml:6: functions.say',
      'nagare.yaml:11: functions.hello.eventSources.0',
      'nagare.yaml:13: topics.a/b',
      'nagare.yaml:15: alarms.busy',
      'nagare.yaml:23: listLogs.all',
    ]);
    return true;
  });
});

// Those before the refused one had been applied already, while the documentation said that nothing was changed.
test('when one declaration is refused, none is applied', async () => {
  const start = await place();
  const good = whole({ shards: 2, word: 'hello', batch: 10, threshold: 5 });
  for (const bad of [
    '  bad: { stream: orders, bucket: UPPER, key: k }',
    '  twin: { stream: events, bucket: archive, key: log.txt }',
    "  odd: { stream: orders, bucket: archive, key: k, format: '{open' }",
  ]) {
    await assert.rejects(start(good.replace('listLogs:\n', `listLogs:\n${bad}\n`)), ConfigError);
  }
  await assert.rejects(start(good.replace('batchSize: 10', 'batchSize: 10001')), ConfigError);
  await assert.rejects(start(good.replace('protocol: lambda', 'protocol: http')), ConfigError);
  await assert.rejects(start(good.replace('period: 60', 'period: 7')), ConfigError);
  const server = await start('');
  const { logs, ...there } = await namesIn(server);
  assert.deepEqual(there, { StreamNames: [], Buckets: [], Topics: [], MetricAlarms: [] });
  assert.doesNotMatch(logs, /s3:/);
  await server.close();
});

test('shards of all declared streams together are counted before any is created', async () => {
  const start = await place();
  const yaml = 'streams:\n  a: { shardCount: 60000 }\n  b: { shardCount: 60000 }\n';
  await assert.rejects(start(yaml), /^ConfigError: nagare\.yaml:3: streams\.b: .* shard limit .*: 120000\. /);
});

test('a reader can refer to a declared stream by its ARN', async () => {
  const start = await place();
  const yaml = whole({ shards: 1, word: 'hello', batch: 10, threshold: 5 });
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
  const server = await start(yaml.replaceAll('stream: orders', `stream: ${arn}`));
  assert.equal((await seen(server)).mappings?.length, 1);
  await server.close();
});
