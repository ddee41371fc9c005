import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ACCOUNT, allow, deny, openScene, policy, said, type Scene } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene[Symbol.asyncDispose]());

describe('a request without a signature', () => {
  it('may do what the policy of a bucket allows everyone, and nothing else', async () => {
    const s3 = new S3Client({ ...scene.root, forcePathStyle: true });
    const Bucket = 'site';
    await s3.send(new CreateBucketCommand({ Bucket }));
    for (const Key of ['public/a', 'private/b'])
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const statusOf = async (path: string, method = 'GET') =>
      (await fetch(`${scene.server.endpoint}/${Bucket}/${path}`, { method })).status;
    assert.equal(await statusOf('public/a'), 403);
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const Policy = policy({ ...allow('s3:GetObject', 'arn:aws:s3:::site/public/*'), Principal: '*' });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    assert.equal(await statusOf('public/a'), 200);
    assert.equal(await statusOf('private/b'), 403);
    assert.equal(await statusOf('public/a', 'PUT'), 403);
    assert.equal(await statusOf(''), 403);
    const denying = policy(
      { ...allow('s3:GetObject', 'arn:aws:s3:::site/*'), Principal: '*' },
      { ...deny('s3:GetObject', 'arn:aws:s3:::site/private/*'), Principal: '*' },
    );
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: denying }));
    assert.equal(await statusOf('public/a'), 200);
    assert.equal(await statusOf('private/b'), 403);
  });
});

describe('SQS', () => {
  it('is authorized by queue, batches by the action of one message', async () => {
    const root = new SQSClient(scene.root);
    const { QueueUrl } = await root.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    const arn = `arn:aws:sqs:us-east-1:${ACCOUNT}:jobs`;
    const client = new SQSClient(
      await scene.user('sqs-user', allow('sqs:SendMessage', arn), deny('sqs:ReceiveMessage')),
    );
    const Entries = [{ Id: 'one', MessageBody: 'm' }];
    assert.equal(await said(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))), 'ok');
    assert.match(
      await said(client.send(new ReceiveMessageCommand({ QueueUrl }))),
      /^sqs:ReceiveMessage on resource: \S+:jobs with an explicit deny in an identity-based policy$/,
    );
  });
});
