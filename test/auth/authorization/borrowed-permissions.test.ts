import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateUserCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
  IAMClient,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { CreateStreamCommand, KinesisClient, TagResourceCommand } from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, LambdaClient, PublishLayerVersionCommand } from '@aws-sdk/client-lambda';
import { CreateLogGroupCommand, CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CloudWatchClient, PutDashboardCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, DeleteObjectsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { zip } from '../../services/lambda/lambda-server.ts';
import { sign, send } from '../signature/signer.ts';
import { ACCOUNT, allow, type ClientOptions, deny, openScene, policy, said, type Scene } from './scene.ts';

let scene: Scene;
let root: S3Client;
const HERE = `us-east-1:${ACCOUNT}`;
const trust = {
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
};
const code = zip({ 'index.mjs': 'export const handler = async () => 1;' });

before(async () => {
  scene = await openScene();
  root = new S3Client({ ...scene.root, forcePathStyle: true });
  await root.send(new CreateBucketCommand({ Bucket: 'code' }));
});
after(() => scene[Symbol.asyncDispose]());

describe('a call that needs permissions of other services', () => {
  it('is decided by the tags of the role that it passes', async () => {
    const caller = await scene.user(
      'deployer',
      allow(['lambda:*', 'iam:PassRole']),
      deny('iam:PassRole', '*', { Condition: { StringEquals: { 'iam:ResourceTag/guarded': 'yes' } } }),
    );
    const Role = await scene.role('guarded', trust);
    await scene.iam.send(
      new TagRoleCommand({ RoleName: 'guarded', Tags: [{ Key: 'guarded', Value: 'yes' }] }),
    );
    assert.match(
      await said(create(caller, { Role, Code: { ZipFile: code } })),
      /^iam:PassRole .* explicit deny/,
    );
  });

  it('is decided by the tags of the object whose code it takes', async () => {
    const Tagging = 'secret=yes';
    // A function's ARN has its name at the place of the second part of this key.
    await root.send(new PutObjectCommand({ Bucket: 'code', Key: 'f:shared', Body: code, Tagging }));
    const caller = await scene.user(
      'publisher',
      allow(['lambda:*', 's3:GetObject']),
      deny('s3:GetObject', '*', { Condition: { StringEquals: { 's3:ExistingObjectTag/secret': 'yes' } } }),
    );
    const layer = new LambdaClient(caller).send(
      new PublishLayerVersionCommand({ LayerName: 'l', Content: { S3Bucket: 'code', S3Key: 'f:shared' } }),
    );
    assert.match(await said(layer), /^s3:GetObject .* explicit deny/);
  });

  it('finds a layer by exactly the ARN that policies were asked about', async () => {
    await new LambdaClient(scene.root).send(
      new PublishLayerVersionCommand({ LayerName: 'private', Content: { ZipFile: code } }),
    );
    const layer = `${HERE}:layer:private`;
    const caller = await scene.user(
      'borrower',
      allow(['lambda:*', 'iam:PassRole']),
      deny('lambda:GetLayerVersion', `arn:aws:lambda:${layer}:1`),
    );
    const Role = await scene.role('any', trust);
    const layered = (name: string, arn: string): Promise<unknown> =>
      create(caller, { FunctionName: name, Role, Layers: [arn], Code: { ZipFile: code } });
    assert.match(await said(layered('f1', `arn:aws:lambda:${layer}:1`)), /explicit deny/);
    for (const arn of [`arn:aws:lambda:${layer}:01`, `arn:aws-cn:lambda:${layer}:1`]) {
      await assert.rejects(layered('f2', arn), { message: `Layer version ${arn} does not exist.` });
    }
  });
});

function create(caller: ClientOptions, input: object): Promise<unknown> {
  const command = { FunctionName: 'f', Handler: 'index.handler', Runtime: 'nodejs24.x' as const };
  return new LambdaClient(caller).send(
    new CreateFunctionCommand({ Role: undefined, Code: undefined, ...command, ...input }),
  );
}

describe('the tagging API', () => {
  let guarded: ClientOptions;

  before(async () => {
    await new KinesisClient(scene.root).send(
      new CreateStreamCommand({ StreamName: 'locked', ShardCount: 1 }),
    );
    const ResourceARN = `arn:aws:kinesis:${HERE}:stream/locked`;
    await new KinesisClient(scene.root).send(
      new TagResourceCommand({ ResourceARN, Tags: { locked: 'yes' } }),
    );
    await new CloudWatchLogsClient(scene.root).send(new CreateLogGroupCommand({ logGroupName: 'prod' }));
    await new GlueClient(scene.root).send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'prod' } }));
    const cloudWatch = new CloudWatchClient(scene.root);
    await cloudWatch.send(
      new PutDashboardCommand({ DashboardName: 'prod', DashboardBody: JSON.stringify({ widgets: [] }) }),
    );
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'prod',
        Namespace: 'n',
        MetricName: 'm',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    guarded = await scene.user(
      'tagger',
      allow('*'),
      deny('*', [
        `arn:aws:logs:${HERE}:log-group:prod`,
        `arn:aws:glue:${HERE}:database/prod`,
        `arn:aws:cloudwatch:${HERE}:alarm:prod`,
        `arn:aws:cloudwatch::${ACCOUNT}:dashboard/prod`,
      ]),
      deny('kinesis:*', '*', { Condition: { StringEquals: { 'aws:ResourceTag/locked': 'yes' } } }),
    );
  });

  async function failures(arns: readonly string[]): Promise<string[]> {
    const { host } = new URL(scene.server.endpoint);
    const { status, body } = await send(
      scene.server.endpoint,
      sign({
        method: 'POST',
        path: '/',
        service: 'tagging',
        host,
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.TagResources',
        },
        body: JSON.stringify({ ResourceARNList: arns, Tags: { stolen: 'yes' } }),
        ...guarded.credentials,
      }),
    );
    assert.equal(status, 200, body);
    const { FailedResourcesMap } = JSON.parse(body) as { FailedResourcesMap: Record<string, unknown> };
    return Object.keys(FailedResourcesMap).sort();
  }

  it('is decided by the tags of the resource', async () => {
    const arns = [`arn:aws:kinesis:${HERE}:stream/locked`];
    assert.deepEqual(await failures(arns), arns);
  });

  it('changes nothing by an ARN that is written in another way than the one that policies name', async () => {
    const arns = [
      `arn:aws:cloudwatch::${ACCOUNT}:alarm:prod`,
      `arn:aws:cloudwatch:${HERE}:dashboard/prod`,
      `arn:aws-cn:glue:${HERE}:database/prod`,
      `arn:aws:glue:${HERE}:database/PROD`,
      `arn:aws:glue::${ACCOUNT}:database/prod`,
      `arn:aws:glue:${HERE}:database/prod`,
      `arn:aws:logs:${HERE}:log-group:prod:*`,
    ].sort();
    assert.deepEqual(await failures(arns), arns);
  });
});

describe('other identifiers than those that policies name', () => {
  it('simulate the policies of nobody by an invented path', async () => {
    await scene.iam.send(new CreateUserCommand({ UserName: 'admin' }));
    await scene.iam.send(
      new PutUserPolicyCommand({ UserName: 'admin', PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) }),
    );
    const caller = new IAMClient(
      await scene.user('auditor', allow('iam:Simulate*', `arn:aws:iam::${ACCOUNT}:user/team/*`)),
    );
    const PolicySourceArn = `arn:aws:iam::${ACCOUNT}:user/team/admin`;
    await assert.rejects(
      caller.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ['s3:GetObject'] })),
      { name: 'NoSuchEntityException' },
    );
  });

  it('delete no version that a policy excepts, when many objects are deleted', async () => {
    await root.send(new PutObjectCommand({ Bucket: 'code', Key: 'kept', Body: 'kept' }));
    const caller = await scene.user(
      'cleaner',
      allow('s3:*'),
      deny('s3:DeleteObjectVersion', '*', { Condition: { StringEquals: { 's3:VersionId': 'null' } } }),
    );
    const { Errors = [] } = await new S3Client({ ...caller, forcePathStyle: true }).send(
      new DeleteObjectsCommand({
        Bucket: 'code',
        Delete: { Objects: [{ Key: 'kept', VersionId: 'null' }] },
      }),
    );
    assert.deepEqual(
      Errors.map(({ Code }) => Code),
      ['AccessDenied'],
    );
  });
});

describe('creating a resource with tags', () => {
  it('needs the action that adds tags, too', async () => {
    const creator = await scene.user('creator', allow(['kinesis:Create*', 'iam:Create*', 'sns:Create*']));
    const tagged = [{ Key: 'team', Value: 'stolen' }];
    const kinesis = new KinesisClient(creator);
    const stream = { StreamName: 'created', ShardCount: 1 };
    assert.match(
      await said(kinesis.send(new CreateStreamCommand({ ...stream, Tags: { team: 'stolen' } }))),
      /^kinesis:AddTagsToStream on resource: .*:stream\/created because no/,
    );
    assert.equal(await said(kinesis.send(new CreateStreamCommand(stream))), 'ok');
    const iam = new IAMClient(creator);
    assert.match(
      await said(iam.send(new CreateUserCommand({ UserName: 'created', Tags: tagged }))),
      /^iam:TagUser on resource: .*:user\/created because no/,
    );
    const sns = new SNSClient(creator);
    assert.match(
      await said(sns.send(new CreateTopicCommand({ Name: 'created', Tags: tagged }))),
      /^(?:SNS:|sns:)TagResource on resource: .*:created because no/,
    );
    await scene.putPolicy('creator', allow(['sns:Create*', 'sns:TagResource']));
    assert.equal(await said(sns.send(new CreateTopicCommand({ Name: 'created', Tags: tagged }))), 'ok');
  });
});
