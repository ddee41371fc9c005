import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateDeliveryStreamCommand,
  FirehoseClient,
  PutRecordCommand as PutToFirehose,
} from '@aws-sdk/client-firehose';
import { CreateStreamCommand, KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  InvokeCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { zip } from '../../services/lambda/lambda-server.ts';
import { until } from '../../support/until.ts';
import { type ActingScene, openActingScene } from './acting-scene.ts';
import { ACCOUNT, allow, deny, trustIn } from './scene.ts';

const TRUST = trustIn('lambda.amazonaws.com');
const READ = ['kinesis:DescribeStream', 'kinesis:GetRecords', 'kinesis:GetShardIterator'];

let world: ActingScene;
let s3: S3Client;
before(async () => {
  world = await openActingScene();
  s3 = new S3Client({ ...world.scene.root, forcePathStyle: true });
});
after(async () => {
  s3.destroy();
  await world[Symbol.asyncDispose]();
});

const arnOf = (name: string, partition = 'aws'): string =>
  `arn:${partition}:lambda:us-east-1:${ACCOUNT}:function:${name}`;

describe('a denied resource', () => {
  it('is not reached as a destination by another way to write its ARN', async () => {
    const queue = await world.queue('secret-calls');
    await s3.send(new CreateBucketCommand({ Bucket: 'secret' }));
    const role = await world.scene.role(
      'mostly',
      TRUST,
      allow('*'),
      deny('lambda:InvokeFunction', arnOf('secret')),
      deny('s3:PutObject', 'arn:aws:s3:::secret/*'),
    );
    await world.forwarder('secret', role, queue);
    await world.forwarder('sender', role, queue);
    for (const Destination of [
      arnOf('secret'),
      arnOf('secret', 'aws-cn'),
      'arn:aws:s3:::secret',
      'arn:aws-cn:s3:::secret',
    ]) {
      const configured = world.lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: 'sender',
          DestinationConfig: { OnFailure: { Destination } },
        }),
      );
      await assert.rejects(configured, { name: 'InvalidParameterValueException' }, Destination);
    }
  });

  it('is not invoked as a processor under a shorter name', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'processed' }));
    const firehose = new FirehoseClient(world.scene.root);
    const RoleARN = await world.scene.role(
      'processor',
      trustIn('firehose.amazonaws.com'),
      allow('*'),
      deny('lambda:InvokeFunction', arnOf('secret')),
    );
    for (const [index, ParameterValue] of ['secret', `${ACCOUNT}:function:secret`].entries()) {
      const DeliveryStreamName = `short${index}`;
      await firehose.send(
        new CreateDeliveryStreamCommand({
          DeliveryStreamName,
          ExtendedS3DestinationConfiguration: {
            RoleARN,
            BucketARN: 'arn:aws:s3:::processed',
            Prefix: `${DeliveryStreamName}/`,
            ErrorOutputPrefix: `failed-${DeliveryStreamName}/`,
            BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 },
            ProcessingConfiguration: {
              Enabled: true,
              Processors: [
                {
                  Type: 'Lambda',
                  Parameters: [
                    { ParameterName: 'LambdaArn', ParameterValue },
                    { ParameterName: 'NumberOfRetries', ParameterValue: '0' },
                  ],
                },
              ],
            },
          },
        }),
      );
      const Record = { Data: Buffer.from('x') };
      await firehose.send(new PutToFirehose({ DeliveryStreamName, Record }));
      const Key = await until(async () => {
        const Prefix = `failed-${DeliveryStreamName}/`;
        const found = await s3.send(new ListObjectsV2Command({ Bucket: 'processed', Prefix }));
        return found.Contents?.[0]?.Key;
      });
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'processed', Key }));
      assert.match((await Body?.transformToString()) ?? '', /Lambda\.InvokeAccessDenied/);
    }
    firehose.destroy();
  });
});

describe('a policy that turns to deny while a batch runs', () => {
  it('lets the batch end, delivers nothing more, and loses and repeats nothing', async () => {
    const kinesis = new KinesisClient(world.scene.root);
    await kinesis.send(new CreateStreamCommand({ StreamName: 'slow', ShardCount: 1 }));
    const source = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/slow`;
    const queue = await world.queue('slow');
    const may = [allow('sqs:SendMessage', queue), allow(READ, source)];
    const role = await world.scene.role('slow', TRUST, ...may);
    const FunctionName = await world.forwarder('slow', role, queue);
    const { UUID } = await world.lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName,
        EventSourceArn: source,
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 5,
      }),
    );
    const sent = Array.from({ length: 60 }, (_, n) => `r${n}`);
    const Records = sent.map((text) => ({ PartitionKey: 'k', Data: Buffer.from(text) }));
    await kinesis.send(new PutRecordsCommand({ StreamName: 'slow', Records }));
    const seen: string[] = [];
    while (seen.length < 5) seen.push(...(await world.take(queue)));
    await world.setRolePolicy('slow', ...may, deny('kinesis:*'));
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: 'slow',
        Records: [{ PartitionKey: 'k', Data: Buffer.from('last') }],
      }),
    );
    await until(async () => {
      const { LastProcessingResult: last } = await world.lambda.send(
        new GetEventSourceMappingCommand({ UUID }),
      );
      return last?.startsWith('PROBLEM: Cannot access stream') === true;
    });
    while (true) {
      const more = await world.take(queue, 1);
      if (more.length === 0) break;
      seen.push(...more);
    }
    assert.ok(!seen.includes('last'));
    await world.setRolePolicy('slow', ...may);
    while (!seen.includes('last')) seen.push(...(await world.take(queue)));
    assert.deepEqual(seen.toSorted(), [...sent, 'last'].toSorted());
    kinesis.destroy();
  });
});

describe('a loop of a topic and a function', () => {
  it('ends when the function’s policy no longer lets the topic invoke it', async () => {
    const topic = await world.topic('loop');
    const queue = await world.queue('loop');
    const role = await world.scene.role('loop', TRUST, allow('sns:Publish', topic));
    const code = `
      import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
      const sns = new SNSClient();
      export const handler = async ({ Records: [{ Sns }] }) =>
        sns.send(new PublishCommand({ TopicArn: Sns.TopicArn, Message: String(Number(Sns.Message) + 1) }));`;
    const FunctionName = await world.forwarder('loop', role, queue, {
      Code: { ZipFile: zip({ 'index.mjs': code }) },
    });
    await world.lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'loop',
        Action: 'lambda:InvokeFunction',
        Principal: 'sns.amazonaws.com',
        SourceArn: topic,
      }),
    );
    await world.sns.send(
      new SubscribeCommand({ TopicArn: topic, Protocol: 'lambda', Endpoint: FunctionName }),
    );
    await world.sns.send(new PublishCommand({ TopicArn: topic, Message: '0' }));
    const count = (name: string) => world.sum('AWS/SNS', name, ['TopicName', 'loop']);
    await until(async () => (await count('NumberOfNotificationsDelivered')) >= 3);
    await world.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: 'loop' }));
    await until(async () => (await count('NumberOfNotificationsFailed')) === 1);
    // A direct call shows that the function itself may run.
    const Payload = Buffer.from(JSON.stringify({ Records: [{ Sns: { TopicArn: topic, Message: '7' } }] }));
    const { FunctionError } = await world.lambda.send(new InvokeCommand({ FunctionName, Payload }));
    assert.equal(FunctionError, undefined);
    await until(async () => (await count('NumberOfNotificationsFailed')) === 2);
  });
});
