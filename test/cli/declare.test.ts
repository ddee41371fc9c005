import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CloudWatchClient, PutDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { PutResourcePolicyCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { parse } from 'yaml';
import { zip } from '../services/lambda/lambda-server.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';

const everything = `
buckets: [archive]
glueDatabases:
  shop:
    description: sold
    tables:
      orders: { columns: { id: bigint, at: timestamp }, partitionKeys: { dt: string } }
catalogs:
  lake: { arn: "arn:aws:glue:us-east-1:000000000000:catalog", url: "http://127.0.0.1:9" }
streams:
  orders:
    shardCount: 3
    retentionPeriodHours: 48
    encryptionType: KMS
    maxRecordSizeInKiB: 2048
    tags: { team: data }
    consumers: [reader]
  clicks:
    streamMode: ON_DEMAND
    channels:
      archive: { bucket: archive, recordFormatType: JSON, compressionType: GZIP, tags: { a: b } }
logGroups:
  /app/orders: { retentionInDays: 7, tags: { team: data } }
  /app/kept: {}
functions:
  say:
    path: ./say.mjs
    memorySize: 256
    timeout: 7
    environment: { STEP: "1" }
    eventSources:
      - stream: orders
        batchSize: 10
        bisectBatchOnFunctionError: true
        filters: ['{"data":{"a":[1]}}']
        enabled: false
        tumblingWindowInSeconds: 30
        metricsConfig: { metrics: [EventCount] }
    aliases: { live: in use }
    tags: { team: data }
    permissions:
      topic: { principal: sns.amazonaws.com, sourceArn: "arn:aws:sns:us-east-1:000000000000:alerts" }
      other: { principal: "123456789012", action: "lambda:GetFunction", principalOrgID: o-a1b2c3d4e5 }
    eventInvokeConfig:
      maximumRetryAttempts: 0
      maximumEventAgeInSeconds: 120
      onFailure: arn:aws:sns:us-east-1:000000000000:alerts
    deadLetterConfig: { targetArn: "arn:aws:sns:us-east-1:000000000000:alerts" }
topics:
  alerts: { subscriptions: [{ protocol: lambda, endpoint: say }] }
alarms:
  busy:
    namespace: AWS/Kinesis
    metricName: IncomingRecords
    dimensions: { StreamName: orders }
    statistic: Sum
    period: 60
    threshold: 5
    evaluationPeriods: 2
    datapointsToAlarm: 1
    comparisonOperator: GreaterThanThreshold
    treatMissingData: notBreaching
    alarmActions: [alerts]
    actionsEnabled: false
policies:
  write: { path: /team/, document: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "kinesis:Put*", Resource: "*" }] } }
groups:
  staff: { attachedPolicies: [write] }
roles:
  reader:
    assumeRolePolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: "sts:AssumeRole" }] }
    maxSessionDuration: 7200
users:
  ann: { groups: [staff], permissionsBoundary: write, tags: { team: data } }
listLogs:
  all: { stream: orders, bucket: archive, key: log.txt, startingPosition: TRIM_HORIZON }
deliveryStreams:
  direct:
    retentionHours: 24
    extendedS3DestinationConfiguration:
      bucketARN: arn:aws:s3:::archive
      prefix: direct/
      compressionFormat: GZIP
      s3BackupMode: Enabled
      s3BackupConfiguration: { bucketARN: "arn:aws:s3:::archive", prefix: backup/ }
    tags: { a: b }
  posted:
    stream: orders
    httpEndpointDestinationConfiguration:
      endpointConfiguration: { url: "https://example.com/records", name: example }
      s3Configuration: { bucketARN: "arn:aws:s3:::archive" }
`;

async function started(t: TestContext): Promise<TestServer> {
  const server = await startTestServer();
  t.after(() => server.close());
  return server;
}

async function run(server: TestServer, ...args: string[]): Promise<string> {
  const { code, output, errors } = await runCommand([...args, '--endpoint', server.endpoint]);
  assert.equal(code, 0, errors);
  return output;
}

test('what a server has is printed as nagare.yaml, from which another server gets the same', async (t) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'say.mjs'), 'export const handler = async () => "said";');
  const file = join(folder, 'nagare.yaml');
  await writeFile(file, everything);
  const first = await started(t);
  await run(first, 'apply', file);
  const described = await run(first, 'declare');
  assert.doesNotMatch(described, /^#/m);
  assert.deepEqual(
    Object.keys(parse(described) as object).sort(),
    Object.keys(parse(everything) as object).sort(),
  );
  const copy = join(folder, 'copy.yaml');
  await writeFile(copy, described);

  // The file says what is there.
  assert.match(await run(first, 'apply', copy, '--dry-run'), /^\d+ unchanged; this was a dry run\n$/);
  const second = await started(t);
  await run(second, 'apply', copy);
  assert.equal(await run(second, 'declare'), described);
});

test('what nagare.yaml cannot declare is named in comments', async (t) => {
  const server = await started(t);
  const options = clientOptions(server.endpoint);
  const file = join(await temporaryFolder(), 'nagare.yaml');
  await writeFile(file, 'streams: { orders: { shardCount: 1 } }\ntopics: { alerts: {} }\n');
  await run(server, 'apply', file);
  await new SNSClient(options).send(
    new SetTopicAttributesCommand({
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:alerts',
      AttributeName: 'DisplayName',
      AttributeValue: 'Alerts',
    }),
  );
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'kinesis:PutRecord', Resource: arn }];
  await new KinesisClient(options).send(
    new PutResourcePolicyCommand({
      ResourceARN: arn,
      Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
  await new CloudWatchClient(options).send(
    new PutDashboardCommand({ DashboardName: 'd', DashboardBody: '{"widgets":[]}' }),
  );
  await new LambdaClient(options).send(
    new CreateFunctionCommand({
      FunctionName: 'zipped',
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::000000000000:role/r',
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.mjs': 'export const handler = 1;' }) },
    }),
  );
  const described = await run(server, 'declare');
  assert.deepEqual(described.match(/^#.*$/gm), [
    '# not declared: functions.zipped: its code is a zip; name a file as its path to declare it',
    '# not declared: dashboards.d: a dashboard',
  ]);
  const policy = { Version: '2012-10-17', Statement };
  assert.deepEqual(parse(described), {
    streams: { orders: { shardCount: 1, policy } },
    topics: { alerts: { displayName: 'Alerts' } },
  });
});

test('what a server has is printed as import blocks of Terraform', async (t) => {
  const server = await started(t);
  assert.equal(await run(server, 'declare', '--format', 'terraform'), '\n');
  const file = join(await temporaryFolder(), 'nagare.yaml');
  await writeFile(
    file,
    'buckets: [1.a, 1-a]\nstreams: { a.b: { consumers: [reader] }, a-b: {} }\nlogGroups: { /app/a: {} }\n',
  );
  await run(server, 'apply', file);
  const blocks = await run(server, 'declare', '--format', 'terraform');
  const found = [...blocks.matchAll(/^import \{\n {2}to = (\S+)\n {2}id = "(.*)"\n\}$/gm)];
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/a.b/consumer/reader';
  assert.deepEqual(
    found.map(([, to, id = '']) => [to, id.replace(/:\d+$/, '')]),
    [
      ['aws_s3_bucket._1-a', '1-a'],
      ['aws_s3_bucket._1_a', '1.a'],
      ['aws_kinesis_stream.a-b', 'a-b'],
      ['aws_kinesis_stream.a_b', 'a.b'],
      ['aws_kinesis_stream_consumer.a_b_reader', arn],
      ['aws_cloudwatch_log_group._app_a', '/app/a'],
    ],
  );
});
