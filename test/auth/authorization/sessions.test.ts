import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ListUsersCommand, IAMClient } from '@aws-sdk/client-iam';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, DeleteObjectsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import {
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { declared } from '../../support/declarations.ts';
import { startTestServer } from '../../support/server.ts';
import { ACCOUNT, allow, type ClientOptions, openScene, said, type Scene } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene[Symbol.asyncDispose]());

async function sessionOf(caller: ClientOptions): Promise<ClientOptions> {
  const { Credentials: made } = await new STSClient(caller).send(new GetSessionTokenCommand({}));
  return scene.as({
    accessKeyId: made?.AccessKeyId ?? '',
    secretAccessKey: made?.SecretAccessKey ?? '',
    sessionToken: made?.SessionToken ?? '',
  });
}

const account = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
const trusting = (...actions: string[]) => ({ Effect: 'Allow', Principal: account, Action: actions });

describe('credentials of GetSessionToken', () => {
  it('call neither IAM, nor STS but for roles and who they are', async () => {
    const user = await scene.user('session-owner', allow(['iam:*', 'sts:*', 'kinesis:*']));
    await scene.role('for-sessions', trusting('sts:AssumeRole'));
    for (const caller of [user, scene.root]) {
      const session = await sessionOf(caller);
      await assert.rejects(new IAMClient(session).send(new ListUsersCommand({})), {
        name: 'InvalidClientTokenId',
        message: 'The security token included in the request is invalid',
      });
      const sts = new STSClient(session);
      await sts.send(new GetCallerIdentityCommand({}));
      const RoleArn = `arn:aws:iam::${ACCOUNT}:role/for-sessions`;
      await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' }));
      for (const command of [
        new GetSessionTokenCommand({}),
        new GetAccessKeyInfoCommand({ AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' }),
      ]) {
        await assert.rejects(sts.send(command as GetSessionTokenCommand), {
          name: 'AccessDenied',
          message: /^Cannot call \w+ with session credentials$/,
        });
      }
      await new KinesisClient(session).send(new ListStreamsCommand({}));
    }
  });
});

describe('a source identity', () => {
  it('stays through further roles, which must allow it, and cannot be changed', async () => {
    const caller = await scene.user('source', allow(['sts:AssumeRole', 'sts:SetSourceIdentity']));
    const both = trusting('sts:AssumeRole', 'sts:SetSourceIdentity');
    const may = allow(['sts:AssumeRole', 'sts:SetSourceIdentity']);
    const first = await scene.role('first', both, may);
    const second = await scene.role('second', both);
    const without = await scene.role('without', trusting('sts:AssumeRole'));
    const session = await scene.assume(caller, { RoleArn: first, SourceIdentity: 'ann' });
    const chain = (RoleArn: string, SourceIdentity?: string) =>
      new STSClient(session).send(
        new AssumeRoleCommand({
          RoleArn,
          RoleSessionName: 'session',
          ...(SourceIdentity !== undefined && { SourceIdentity }),
        }),
      );
    for (const given of [undefined, 'ann']) {
      assert.equal((await chain(second, given)).SourceIdentity, 'ann');
    }
    await assert.rejects(chain(second, 'bob'), {
      name: 'AccessDenied',
      message: /is not authorized to perform: sts:SetSourceIdentity/,
    });
    assert.match(await said(chain(without)), /^sts:SetSourceIdentity/);
  });
});

const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;

describe('a move of dead letters without a destination', () => {
  it('needs to send to the queues that they came from', async () => {
    const root = new SQSClient(scene.root);
    for (const QueueName of ['letters', 'work']) await root.send(new CreateQueueCommand({ QueueName }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('letters'), maxReceiveCount: 1 });
    const QueueUrl = `${scene.server.endpoint}/${ACCOUNT}/work`;
    await root.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
    const mover = await scene.user('mover', allow('sqs:*', arnOf('letters')));
    const move = () =>
      said(new SQSClient(mover).send(new StartMessageMoveTaskCommand({ SourceArn: arnOf('letters') })));
    assert.match(await move(), new RegExp(`^sqs:SendMessage on resource: ${arnOf('work')} `));
    await scene.putPolicy('mover', allow('sqs:*', [arnOf('letters'), arnOf('work')]));
    assert.equal(await move(), 'ok');
  });
});

describe('a declared access key', () => {
  it('cannot have the ID of the root key', async () => {
    const rootKey = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'x'.repeat(40) };
    const declarations = declared({
      users: {
        ann: { accessKeys: { [rootKey.accessKeyId]: { secretAccessKey: { environment: 'PATH' } } } },
      },
    });
    await assert.rejects(startTestServer({ rootKey, declarations }), /the root key has this ID/);
  });
});

describe('the deletion of many objects', () => {
  it('lets others in between its decisions', async () => {
    const s3 = new S3Client({ ...scene.root, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'many' }));
    const user = await scene.user('deleter', allow('s3:DeleteObject', 'arn:aws:s3:::many/keep*'));
    const Objects = Array.from({ length: 1000 }, (_, n) => ({ Key: n % 2 === 0 ? `keep${n}` : `other${n}` }));
    const mine = new S3Client({ ...user, forcePathStyle: true });
    const { Deleted = [], Errors = [] } = await mine.send(
      new DeleteObjectsCommand({ Bucket: 'many', Delete: { Objects } }),
    );
    assert.deepEqual([Deleted.length, Errors.length], [500, 500]);
    assert.ok(Errors.every(({ Key, Code }) => Key?.startsWith('other') && Code === 'AccessDenied'));
    s3.destroy();
    mine.destroy();
  });
});
