import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateDeliveryStreamCommand,
  FirehoseClient,
  ListDeliveryStreamsCommand,
  PutRecordCommand as PutToFirehose,
} from '@aws-sdk/client-firehose';
import { CreateDatabaseCommand, GetDatabaseCommand, GetTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateUserCommand, GetUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { GetAccessKeyInfoCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { zip } from '../../services/lambda/lambda-server.ts';
import { ACCOUNT, allow, deny, openScene, outcome, said, type Scene, trustIn } from './scene.ts';

const kinesisArn = (name: string): string => `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${name}`;
const glueArn = (rest: string): string => `arn:aws:glue:us-east-1:${ACCOUNT}:${rest}`;
const functionArn = (name: string): string => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene[Symbol.asyncDispose]());

function put(client: KinesisClient, StreamName: string) {
  return client.send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('x') }));
}

describe('Kinesis', () => {
  before(async () => {
    const root = new KinesisClient(scene.root);
    for (const StreamName of ['orders', 'secret']) {
      await root.send(new CreateStreamCommand({ StreamName, ShardCount: 1, Tags: { team: StreamName } }));
    }
  });

  it('lets a user put into its own stream only, and says why not elsewhere', async () => {
    const options = await scene.user('kinesis-put', allow('kinesis:PutRecord*', kinesisArn('orders')));
    const client = new KinesisClient(options);
    assert.equal(await outcome(put(client, 'orders')), 'ok');
    assert.deepEqual(await outcome(put(client, 'secret')), {
      code: 'AccessDeniedException',
      status: 400,
      message: `User: arn:aws:iam::${ACCOUNT}:user/kinesis-put is not authorized to perform: kinesis:PutRecord on resource: ${kinesisArn('secret')} because no identity-based policy allows the kinesis:PutRecord action`,
    });
    assert.equal(
      await said(
        client.send(
          new PutRecordsCommand({
            StreamARN: kinesisArn('orders'),
            Records: [{ PartitionKey: 'k', Data: Buffer.from('x') }],
          }),
        ),
      ),
      'ok',
    );
    assert.equal(
      await said(client.send(new ListStreamsCommand({}))),
      'kinesis:ListStreams on resource: * because no identity-based policy allows the kinesis:ListStreams action',
    );
    assert.match(
      await said(client.send(new DescribeStreamSummaryCommand({ StreamName: 'no-such-stream' }))),
      /^kinesis:DescribeStreamSummary on resource: \S+stream\/no-such-stream because no identity/,
    );
  });

  it('denies explicitly, whatever else allows', async () => {
    const client = new KinesisClient(
      await scene.user('kinesis-deny', allow('*'), deny('kinesis:Put*', kinesisArn('secret'))),
    );
    assert.equal(await said(put(client, 'orders')), 'ok');
    assert.equal(
      await said(put(client, 'secret')),
      `kinesis:PutRecord on resource: ${kinesisArn('secret')} with an explicit deny in an identity-based policy`,
    );
  });

  it('knows the stream of an iterator and of a page', async () => {
    const root = new KinesisClient(scene.root);
    const iteratorOf = async (StreamName: string): Promise<string | undefined> => {
      const ShardIteratorType = 'TRIM_HORIZON';
      const ShardId = 'shardId-000000000000';
      const made = await root.send(new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType }));
      return made.ShardIterator;
    };
    const client = new KinesisClient(
      await scene.user('kinesis-read', allow(['kinesis:Get*', 'kinesis:ListShards'], kinesisArn('orders'))),
    );
    const read = async (name: string) =>
      await said(client.send(new GetRecordsCommand({ ShardIterator: await iteratorOf(name) })));
    assert.equal(await read('orders'), 'ok');
    assert.match(await read('secret'), /^kinesis:GetRecords on resource: \S+stream\/secret because/);
    assert.equal(await said(client.send(new ListShardsCommand({ StreamName: 'orders' }))), 'ok');
  });

  it('subscribes to consumers by their own ARN', async () => {
    const root = new KinesisClient(scene.root);
    const { Consumer } = await root.send(
      new RegisterStreamConsumerCommand({ StreamARN: kinesisArn('orders'), ConsumerName: 'reader' }),
    );
    const ConsumerARN = Consumer?.ConsumerARN;
    const subscribe = (client: KinesisClient) =>
      client.send(
        new SubscribeToShardCommand({
          ConsumerARN,
          ShardId: 'shardId-000000000000',
          StartingPosition: { Type: 'LATEST' },
        }),
      );
    const onStream = new KinesisClient(
      await scene.user('kinesis-fan-out-stream', allow('kinesis:SubscribeToShard', kinesisArn('orders'))),
    );
    assert.match(
      await said(subscribe(onStream)),
      /^kinesis:SubscribeToShard on resource: \S+stream\/orders\/consumer\/reader:\d+ because/,
    );
    const onConsumer = new KinesisClient(
      await scene.user('kinesis-fan-out', allow('kinesis:*', `${kinesisArn('orders')}/consumer/*`)),
    );
    const { EventStream } = await subscribe(onConsumer);
    assert.ok(EventStream !== undefined);
    const byName = new DescribeStreamConsumerCommand({
      StreamARN: kinesisArn('orders'),
      ConsumerName: 'reader',
    });
    assert.equal(await said(onConsumer.send(byName)), 'ok');
    onConsumer.destroy();
  });

  it('reads tags of resources and of requests', async () => {
    const byTag = { Condition: { StringEquals: { 'aws:ResourceTag/team': 'orders' } } };
    const newTag = { Condition: { StringEquals: { 'aws:RequestTag/team': 'blue' } } };
    const client = new KinesisClient(
      await scene.user(
        'kinesis-tags',
        allow('kinesis:PutRecord', '*', byTag),
        allow(['kinesis:CreateStream', 'kinesis:AddTagsToStream'], '*', newTag),
      ),
    );
    assert.equal(await said(put(client, 'orders')), 'ok');
    assert.match(await said(put(client, 'secret')), /because no identity-based policy/);
    const create = (StreamName: string, Tags: Record<string, string>) =>
      client.send(new CreateStreamCommand({ StreamName, ShardCount: 1, Tags }));
    assert.equal(await said(create('tagged', { team: 'blue' })), 'ok');
    assert.match(await said(create('untagged', { team: 'red' })), /kinesis:CreateStream/);
  });
});

describe('Lambda', () => {
  const Role = `arn:aws:iam::${ACCOUNT}:role/worker`;
  const newFunction = (FunctionName: string) =>
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Role,
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.mjs': 'export const handler = async () => 1;' }) },
    });

  before(async () => {
    const root = new LambdaClient(scene.root);
    await scene.role('worker', trustIn('lambda.amazonaws.com'));
    await root.send(newFunction('one'));
    await root.send(newFunction('two'));
  });

  it('invokes by function, and needs PassRole to create one', async () => {
    const passing = { Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } } };
    const client = new LambdaClient(
      await scene.user(
        'lambda-user',
        allow('lambda:InvokeFunction', functionArn('one')),
        allow('lambda:CreateFunction'),
      ),
    );
    assert.equal(await said(client.send(new InvokeCommand({ FunctionName: 'one' }))), 'ok');
    assert.deepEqual(await outcome(client.send(new InvokeCommand({ FunctionName: functionArn('two') }))), {
      code: 'AccessDeniedException',
      status: 403,
      message: `User: arn:aws:iam::${ACCOUNT}:user/lambda-user is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn('two')} because no identity-based policy allows the lambda:InvokeFunction action`,
    });
    assert.match(
      await said(client.send(new GetFunctionCommand({ FunctionName: 'one' }))),
      /^lambda:GetFunction/,
    );
    assert.match(
      await said(client.send(new ListFunctionsCommand({}))),
      /^lambda:ListFunctions on resource: \*/,
    );
    assert.equal(
      await said(client.send(newFunction('three'))),
      `iam:PassRole on resource: ${Role} because no identity-based policy allows the iam:PassRole action`,
    );
    await scene.putPolicy(
      'lambda-user',
      allow('lambda:CreateFunction'),
      allow('iam:PassRole', Role, passing),
    );
    assert.equal(await said(client.send(newFunction('three'))), 'ok');
  });

  it('limits mappings by lambda:FunctionArn', async () => {
    const mine = { Condition: { ArnLike: { 'lambda:FunctionArn': functionArn('one') } } };
    const client = new LambdaClient(await scene.user('mapper', allow('lambda:*', '*', mine)));
    const map = (FunctionName: string) =>
      client.send(
        new CreateEventSourceMappingCommand({
          FunctionName,
          EventSourceArn: kinesisArn('orders'),
          StartingPosition: 'LATEST',
          Enabled: false,
        }),
      );
    assert.equal(await said(map('one')), 'ok');
    assert.match(await said(map('two')), /^lambda:CreateEventSourceMapping on resource: \*/);
  });
});

describe('other services', () => {
  it('Firehose: by delivery stream, with PassRole for each role', async () => {
    const name = 'to-lake';
    const arn = `arn:aws:firehose:us-east-1:${ACCOUNT}:deliverystream/${name}`;
    const RoleARN = `arn:aws:iam::${ACCOUNT}:role/firehose`;
    const client = new FirehoseClient(await scene.user('firehose-user', allow('firehose:*', arn)));
    const create = new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: { RoleARN, BucketARN: 'arn:aws:s3:::lake' },
    });
    assert.match(await said(client.send(create)), /^iam:PassRole on resource: \S+role\/firehose because/);
    await scene.putPolicy('firehose-user', allow('firehose:*', arn), allow('iam:PassRole', RoleARN));
    assert.equal(await said(client.send(create)), 'ok');
    const put = (DeliveryStreamName: string) =>
      client.send(new PutToFirehose({ DeliveryStreamName, Record: { Data: Buffer.from('x') } }));
    assert.equal(await said(put(name)), 'ok');
    assert.match(
      await said(put('other')),
      /^firehose:PutRecord on resource: \S+deliverystream\/other because/,
    );
    assert.match(
      await said(client.send(new ListDeliveryStreamsCommand({}))),
      /^firehose:ListDeliveryStreams/,
    );
    await scene.putPolicy('firehose-user', allow('firehose:*'), deny('firehose:PutRecord'));
    assert.match(await said(put(name)), /with an explicit deny in an identity-based policy$/);
  });

  it('Glue: a table needs its database and the catalog, whatever the case of its name', async () => {
    const root = new GlueClient(scene.root);
    await root.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'sales' } }));
    const client = new GlueClient(
      await scene.user(
        'glue-user',
        allow('glue:Get*', [glueArn('catalog'), glueArn('database/*')]),
        deny('glue:*', glueArn('database/hidden')),
      ),
    );
    assert.equal(await said(client.send(new GetDatabaseCommand({ Name: 'sales' }))), 'ok');
    assert.match(
      await said(client.send(new GetTableCommand({ DatabaseName: 'sales', Name: 't' }))),
      /^glue:GetTable on resource: \S+table\/sales\/t because/,
    );
    assert.match(
      await said(client.send(new GetDatabaseCommand({ Name: 'HIDDEN' }))),
      /database\/hidden with an explicit deny/,
    );
  });

  it('CloudWatch and its logs', async () => {
    const alarm = `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:mine`;
    const options = await scene.user(
      'cloudwatch-user',
      allow('cloudwatch:PutMetricData', '*', {
        Condition: { StringEquals: { 'cloudwatch:namespace': 'App' } },
      }),
      allow('cloudwatch:*Alarm*', alarm),
      deny('logs:*', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/closed*`),
      allow('logs:*'),
    );
    const metrics = new CloudWatchClient(options);
    const put = (Namespace: string) =>
      metrics.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'm', Value: 1 }] }));
    assert.equal(await said(put('App')), 'ok');
    assert.match(await said(put('Other')), /^cloudwatch:PutMetricData on resource: \* because/);
    const set = (AlarmName: string) =>
      metrics.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'r' }));
    assert.equal(await said(set('mine')), 'ok');
    assert.match(await said(set('yours')), /^cloudwatch:SetAlarmState on resource: \S+alarm:yours because/);
    assert.match(await said(metrics.send(new DescribeAlarmsCommand({}))), /alarm:\* because/);
    const logs = new CloudWatchLogsClient(options);
    assert.equal(await said(logs.send(new DescribeLogGroupsCommand({}))), 'ok');
    assert.match(
      await said(logs.send(new FilterLogEventsCommand({ logGroupName: '/closed/a' }))),
      /^logs:FilterLogEvents on resource: \S+ with an explicit deny/,
    );
  });

  it('SNS: with its own error code, and the protocol of a subscription', async () => {
    const root = new SNSClient(scene.root);
    const { TopicArn } = await root.send(new CreateTopicCommand({ Name: 'news' }));
    const { TopicArn: other } = await root.send(new CreateTopicCommand({ Name: 'other' }));
    const client = new SNSClient(
      await scene.user(
        'sns-user',
        allow('sns:Publish', TopicArn),
        allow('sns:Subscribe', TopicArn, { Condition: { StringEquals: { 'sns:Protocol': 'lambda' } } }),
        deny('sns:ListTopics'),
      ),
    );
    assert.equal(await said(client.send(new PublishCommand({ TopicArn, Message: 'm' }))), 'ok');
    const refused = await outcome(client.send(new PublishCommand({ TopicArn: other, Message: 'm' })));
    assert.ok(refused !== 'ok');
    assert.match(refused.code, /^AuthorizationError/);
    assert.equal(refused.status, 403);
    assert.match(await said(client.send(new ListTopicsCommand({}))), /with an explicit deny/);
    const subscribe = (Protocol: string, Endpoint: string) =>
      client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }));
    assert.equal(await said(subscribe('lambda', functionArn('one'))), 'ok');
    assert.match(await said(subscribe('https', 'https://example.com/')), /^sns:Subscribe/);
  });

  it('IAM and STS: by user, with paths; who one is needs no permission', async () => {
    await scene.iam.send(new CreateUserCommand({ UserName: 'ada', Path: '/team/' }));
    const options = await scene.user(
      'iam-user',
      allow('iam:GetUser', `arn:aws:iam::${ACCOUNT}:user/team/*`),
      allow('iam:GetUser', `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`),
      deny('sts:*'),
    );
    const client = new IAMClient(options);
    assert.equal(await said(client.send(new GetUserCommand({ UserName: 'ADA' }))), 'ok');
    assert.equal(await said(client.send(new GetUserCommand({}))), 'ok');
    assert.deepEqual(await outcome(client.send(new GetUserCommand({ UserName: 'mapper' }))), {
      code: 'AccessDenied',
      status: 403,
      message: `User: arn:aws:iam::${ACCOUNT}:user/iam-user is not authorized to perform: iam:GetUser on resource: arn:aws:iam::${ACCOUNT}:user/mapper because no identity-based policy allows the iam:GetUser action`,
    });
    assert.match(await said(client.send(new ListUsersCommand({}))), /^iam:ListUsers on resource: \*/);
    const sts = new STSClient(options);
    assert.equal(await said(sts.send(new GetCallerIdentityCommand({}))), 'ok');
    assert.match(
      await said(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' }))),
      /^sts:GetAccessKeyInfo on resource: \* with an explicit deny/,
    );
  });
});
