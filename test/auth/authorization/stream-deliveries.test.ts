import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateDeliveryStreamCommand,
  type ExtendedS3DestinationConfiguration,
  FirehoseClient,
  PutRecordCommand as PutToFirehose,
} from '@aws-sdk/client-firehose';
import { CreateDatabaseCommand, CreateTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { DeleteRoleCommand, DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateChannelCommand,
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { zip } from '../../services/lambda/lambda-server.ts';
import { declared } from '../../support/declarations.ts';
import { until } from '../../support/until.ts';
import { ACCOUNT, allow, deny, openScene, policy, type Scene, trustIn } from './scene.ts';

const HERE = `us-east-1:${ACCOUNT}`;
const TRUST = {
  ...trustIn('firehose.amazonaws.com'),
  Condition: { StringEquals: { 'sts:ExternalId': ACCOUNT } },
};
const READ = ['kinesis:DescribeStream', 'kinesis:GetRecords', 'kinesis:GetShardIterator'];
const LAKE = 'arn:aws:s3:::lake';

/** Returns each record in capitals. */
const SHOUTER = `export const handler = async ({ records }) => ({ records: records.map(({ recordId, data }) =>
  ({ recordId, result: 'Ok', data: btoa(atob(data).toUpperCase()) })) });`;

let scene: Scene;
let firehose: FirehoseClient;
let kinesis: KinesisClient;
let s3: S3Client;
let lambda: LambdaClient;

before(async () => {
  scene = await openScene({
    functionIsolation: 'off',
    declarations: declared({
      buckets: ['lake'],
      streams: { declared: { shardCount: 1 } },
      deliveryStreams: {
        declared: {
          stream: 'declared',
          extendedS3DestinationConfiguration: {
            bucketARN: LAKE,
            prefix: 'declared/',
            bufferingHints: { sizeInMBs: 1, intervalInSeconds: 1 },
          },
        },
      },
    }),
  });
  firehose = new FirehoseClient(scene.root);
  kinesis = new KinesisClient(scene.root);
  lambda = new LambdaClient(scene.root);
  s3 = new S3Client({ ...scene.root, forcePathStyle: true });
});
after(async () => {
  for (const client of [firehose, kinesis, lambda, s3]) client.destroy();
  await scene[Symbol.asyncDispose]();
});

async function setRolePolicy(RoleName: string, ...statements: readonly object[]): Promise<void> {
  const PolicyDocument = policy(...statements);
  await scene.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
}

const create = (
  DeliveryStreamName: string,
  RoleARN: string,
  more: Partial<ExtendedS3DestinationConfiguration> = {},
  source: object = {},
) =>
  firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName,
      ...source,
      ExtendedS3DestinationConfiguration: {
        RoleARN,
        BucketARN: LAKE,
        Prefix: `${DeliveryStreamName}/`,
        ErrorOutputPrefix: `${DeliveryStreamName}-failed/`,
        BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 },
        ...more,
      },
    }),
  );

const put = (DeliveryStreamName: string, text: string) =>
  firehose.send(new PutToFirehose({ DeliveryStreamName, Record: { Data: Buffer.from(text) } }));

/** What the objects below the prefix have, all together. */
async function contents(Prefix: string): Promise<string> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'lake', Prefix }));
  const texts: string[] = [];
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }));
    texts.push((await Body?.transformToString()) ?? '');
  }
  return texts.join('');
}

const holds = (prefix: string, text: string) =>
  until(async () => (await contents(prefix)) === text, { what: `${prefix} holds ${text}` });

async function refusals(service: string): Promise<number> {
  const client = new CloudWatchClient(scene.root);
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: 'Nagare/Permissions',
      MetricName: 'RefusedActions',
      Dimensions: [{ Name: 'Service', Value: service }],
      StartTime: new Date(Date.now() - 3_600_000),
      EndTime: new Date(Date.now() + 3_600_000),
      Period: 7200,
      Statistics: ['Sum'],
    }),
  );
  client.destroy();
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

/** Waits until the service was refused something since the work began. */
async function refusedDuring(service: string, work: () => Promise<unknown>): Promise<void> {
  const before = await refusals(service);
  await work();
  await until(async () => (await refusals(service)) > before, { what: `${service} is refused` });
}

describe('a delivery stream', () => {
  it('writes to its bucket only while the role may, and keeps the records meanwhile', async () => {
    const may = allow('s3:PutObject', `${LAKE}/*`);
    const role = await scene.role('writer', TRUST, may);
    await create('writes', role);
    await put('writes', 'a');
    await holds('writes/', 'a');
    await setRolePolicy('writer', may, deny('s3:PutObject', `${LAKE}/writes/*`));
    await refusedDuring('firehose', () => put('writes', 'b'));
    assert.equal(await contents('writes/'), 'a');
    await setRolePolicy('writer', may);
    await holds('writes/', 'ab');

    await scene.iam.send(new DeleteRolePolicyCommand({ RoleName: 'writer', PolicyName: 'own' }));
    await scene.iam.send(new DeleteRoleCommand({ RoleName: 'writer' }));
    await refusedDuring('firehose', () => put('writes', 'c'));
    await scene.role('writer', TRUST, may);
    await holds('writes/', 'abc');
  });

  it('is not created with a role that Firehose may not assume', async () => {
    const ForLambda = await scene.role('for-lambda', trustIn('lambda.amazonaws.com'));
    const outside = await scene.role('outside', {
      ...trustIn('firehose.amazonaws.com'),
      Condition: { StringEquals: { 'sts:ExternalId': '111111111111' } },
    });
    for (const role of [ForLambda, outside, `arn:aws:iam::${ACCOUNT}:role/none`]) {
      await assert.rejects(create('refused', role), {
        name: 'InvalidArgumentException',
        message: `Firehose is unable to assume role ${role}. Please check the role provided.`,
      });
    }
  });

  it('reads its stream only while the role of the source may', async () => {
    await kinesis.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
    const KinesisStreamARN = `arn:aws:kinesis:${HERE}:stream/orders`;
    const writer = await scene.role('orders-writer', TRUST, allow('s3:PutObject', `${LAKE}/*`));
    const RoleARN = await scene.role('orders-reader', TRUST, allow(READ.slice(1), KinesisStreamARN));
    const source = {
      DeliveryStreamType: 'KinesisStreamAsSource' as const,
      KinesisStreamSourceConfiguration: { KinesisStreamARN, RoleARN },
    };
    await assert.rejects(create('reads', writer, {}, source), {
      name: 'InvalidArgumentException',
      message: `Role ${RoleARN} is not authorized to perform: kinesis:DescribeStream on resource ${KinesisStreamARN}.`,
    });
    await setRolePolicy('orders-reader', allow(READ, KinesisStreamARN));
    await create('reads', writer, {}, source);
    const send = (text: string) =>
      kinesis.send(
        new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data: Buffer.from(text) }),
      );
    await send('1');
    await holds('reads/', '1');
    await setRolePolicy('orders-reader', allow(READ, KinesisStreamARN), deny('kinesis:GetRecords'));
    await refusedDuring('firehose', () => send('2'));
    assert.equal(await contents('reads/'), '1');
    const health = await fetch(`${scene.server.endpoint}/health`);
    assert.match(await health.text(), /delivery streams that cannot deliver: 1/);
    await setRolePolicy('orders-reader', allow(READ, KinesisStreamARN));
    await holds('reads/', '12');
  });

  it('keeps records as failed whose function the role may not invoke', async () => {
    const executor = await scene.role('shouter', trustIn('lambda.amazonaws.com'));
    const { FunctionArn = '' } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'shouter',
        Role: executor,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        MemorySize: 512,
        Code: { ZipFile: zip({ 'index.mjs': SHOUTER }) },
      }),
    );
    const write = allow('s3:PutObject', `${LAKE}/*`);
    const role = await scene.role('processing', TRUST, write, allow('lambda:InvokeFunction', FunctionArn));
    const Parameters = [
      { ParameterName: 'LambdaArn' as const, ParameterValue: FunctionArn },
      { ParameterName: 'NumberOfRetries' as const, ParameterValue: '0' },
    ];
    await create('shouts', role, {
      ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'Lambda', Parameters }] },
    });
    await put('shouts', 'a');
    await holds('shouts/', 'A');
    await setRolePolicy('processing', write);
    await put('shouts', 'b');
    const failed = await until(async () => {
      const text = await contents('shouts-failed/');
      return text !== '' && text;
    });
    assert.match(failed, /"errorCode":"Lambda.InvokeAccessDenied"/);
    assert.match(failed, new RegExp(`"rawData":"${btoa('b')}"`));
  });

  it('converts records only while the role may read the table', async () => {
    const glue = new GlueClient(scene.root);
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'shop' } }));
    const StorageDescriptor = { Columns: [{ Name: 'n', Type: 'int' }] };
    await glue.send(
      new CreateTableCommand({ DatabaseName: 'shop', TableInput: { Name: 'orders', StorageDescriptor } }),
    );
    glue.destroy();
    const write = allow('s3:PutObject', `${LAKE}/*`);
    const RoleARN = await scene.role('converting', TRUST, write);
    const convert = () =>
      create('converts', RoleARN, {
        BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 1 },
        DataFormatConversionConfiguration: {
          SchemaConfiguration: { RoleARN, DatabaseName: 'shop', TableName: 'orders' },
          InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
          OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
        },
      });
    await assert.rejects(convert(), { message: /^Access was denied when calling Glue/ });
    await setRolePolicy('converting', write, allow('glue:GetTableVersions'));
    await convert();
    await setRolePolicy('converting', write);
    await refusedDuring('firehose', () => put('converts', '{"n":1}'));
    assert.equal(await contents('converts'), '');
    await setRolePolicy('converting', write, allow('glue:GetTableVersions'));
    await until(async () => (await contents('converts/')).startsWith('PAR1'));
  });

  it('of nagare.yaml works without a role', async () => {
    await kinesis.send(
      new PutRecordCommand({ StreamName: 'declared', PartitionKey: 'k', Data: Buffer.from('d') }),
    );
    await holds('declared/', 'd');
  });
});

describe('a channel', () => {
  it('writes to its bucket only while its role may', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'channel' }));
    await kinesis.send(
      new CreateStreamCommand({ StreamName: 'channelled', StreamModeDetails: { StreamMode: 'ON_DEMAND' } }),
    );
    const channel = (ServiceExecutionRoleARN: string) =>
      kinesis.send(
        new CreateChannelCommand({
          ChannelName: 'to-lake',
          ServiceExecutionRoleARN,
          StreamConfigurationList: [
            {
              StreamARN: `arn:aws:kinesis:${HERE}:stream/channelled`,
              RecordConfiguration: { RecordFormatType: 'STRING' },
            },
          ],
          S3DestinationConfiguration: {
            StorageConfiguration: {
              BucketARN: LAKE,
              ExpectedBucketOwner: ACCOUNT,
              CompressionType: 'NONE',
              OutputKeyTemplate:
                'channelled/!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}!{extension}',
            },
            DataFreshnessInSeconds: 1,
          },
        }),
      );
    const other = await scene.role('other', trustIn('firehose.amazonaws.com'));
    await assert.rejects(channel(other), {
      name: 'InvalidArgumentException',
      message: `Kinesis is unable to assume the role ${other}. Please check the ServiceExecutionRoleARN.`,
    });
    const role = await scene.role('channelling', trustIn('kinesis.amazonaws.com'));
    await channel(role);
    await refusedDuring('kinesis', () =>
      kinesis.send(
        new PutRecordCommand({ StreamName: 'channelled', PartitionKey: 'k', Data: Buffer.from('c') }),
      ),
    );
    assert.equal(await contents('channelled/'), '');
    await setRolePolicy('channelling', allow('s3:PutObject', `${LAKE}/*`));
    await until(async () => (await contents('channelled/')).includes('c'));
  });
});
