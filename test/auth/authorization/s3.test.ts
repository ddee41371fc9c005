import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ACCOUNT, allow, type ClientOptions, openScene, outcome, said, type Scene } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene[Symbol.asyncDispose]());

function s3Of(options: ClientOptions): S3Client {
  return new S3Client({ ...options, forcePathStyle: true });
}

function get(s3: S3Client, Bucket: string, Key: string) {
  return s3.send(new GetObjectCommand({ Bucket, Key }));
}

describe('S3', () => {
  before(async () => {
    const root = s3Of(scene.root);
    for (const Bucket of ['lake', 'vault']) {
      await root.send(new CreateBucketCommand({ Bucket }));
      for (const Key of ['open/a', 'closed/b'])
        await root.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    }
  });

  it('maps operations to the actions of the guide', async () => {
    const s3 = s3Of(
      await scene.user(
        's3-reader',
        allow('s3:GetObject', 'arn:aws:s3:::lake/open/*'),
        allow('s3:ListBucket', 'arn:aws:s3:::lake'),
      ),
    );
    assert.equal(await said(get(s3, 'lake', 'open/a')), 'ok');
    assert.equal(await said(s3.send(new HeadObjectCommand({ Bucket: 'lake', Key: 'open/a' }))), 'ok');
    assert.equal(await said(s3.send(new ListObjectsV2Command({ Bucket: 'lake' }))), 'ok');
    assert.deepEqual(await outcome(get(s3, 'lake', 'closed/b')), {
      code: 'AccessDenied',
      status: 403,
      message: `User: arn:aws:iam::${ACCOUNT}:user/s3-reader is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::lake/closed/b" because no identity-based policy allows the s3:GetObject action`,
    });
    assert.match(await said(get(s3, 'vault', 'open/a')), /"arn:aws:s3:::vault\/open\/a"/);
    assert.match(await said(s3.send(new ListBucketsCommand({}))), /^s3:ListAllMyBuckets/);
    assert.match(
      await said(s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'open/c', Body: 'x' }))),
      /^s3:PutObject/,
    );
    const upload = new CreateMultipartUploadCommand({ Bucket: 'lake', Key: 'open/c' });
    assert.match(await said(s3.send(upload)), /^s3:PutObject on/);
  });

  it('needs both sides of a copy, and decides about each key of a deletion', async () => {
    const s3 = s3Of(
      await scene.user(
        's3-copier',
        allow('s3:GetObject', 'arn:aws:s3:::lake/open/*'),
        allow(['s3:PutObject', 's3:DeleteObject'], 'arn:aws:s3:::vault/mine/*'),
      ),
    );
    const copy = (CopySource: string, Key: string) =>
      s3.send(new CopyObjectCommand({ Bucket: 'vault', Key, CopySource }));
    assert.equal(await said(copy('lake/open/a', 'mine/a')), 'ok');
    assert.match(
      await said(copy('lake/closed/b', 'mine/b')),
      /^s3:GetObject on resource: "arn:aws:s3:::lake\/closed\/b"/,
    );
    assert.match(
      await said(copy('lake/open/a', 'yours/a')),
      /^s3:PutObject on resource: "arn:aws:s3:::vault\/yours\/a"/,
    );
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: 'vault',
        Delete: { Objects: [{ Key: 'mine/a' }, { Key: 'open/a' }] },
      }),
    );
    assert.deepEqual(
      Deleted?.map(({ Key }) => Key),
      ['mine/a'],
    );
    assert.deepEqual(
      Errors?.map(({ Key, Code }) => [Key, Code]),
      [['open/a', 'AccessDenied']],
    );
    assert.equal(await outcome(get(s3Of(scene.root), 'vault', 'open/a')), 'ok');
  });

  it('has the condition keys of lists, of encryption and of tags', async () => {
    const s3 = s3Of(
      await scene.user(
        's3-conditions',
        allow('s3:ListBucket', 'arn:aws:s3:::lake', { Condition: { StringLike: { 's3:prefix': 'open/*' } } }),
        allow('s3:PutObject', '*', {
          Condition: { StringEquals: { 's3:x-amz-server-side-encryption': 'AES256' } },
        }),
        allow('s3:GetObject', '*', {
          Condition: { StringEquals: { 's3:ExistingObjectTag/level': 'public' } },
        }),
      ),
    );
    const list = (Prefix?: string) => s3.send(new ListObjectsV2Command({ Bucket: 'lake', Prefix }));
    assert.equal(await said(list('open/x')), 'ok');
    assert.match(await said(list('closed/')), /^s3:ListBucket/);
    assert.match(await said(list()), /^s3:ListBucket/);
    const put = (more: object) =>
      s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'enc', Body: 'x', ...more }));
    assert.match(await said(put({})), /^s3:PutObject/);
    assert.equal(await said(put({ ServerSideEncryption: 'AES256' })), 'ok');
    assert.match(await said(get(s3, 'lake', 'open/a')), /^s3:GetObject/);
    const TagSet = [{ Key: 'level', Value: 'public' }];
    await s3Of(scene.root).send(
      new PutObjectTaggingCommand({ Bucket: 'lake', Key: 'open/a', Tagging: { TagSet } }),
    );
    assert.equal(await said(get(s3, 'lake', 'open/a')), 'ok');
  });

  it('answers requests without a signature with Access Denied', async () => {
    const answer = await fetch(`${scene.server.endpoint}/lake/open/a`);
    assert.equal(answer.status, 403);
    assert.match(await answer.text(), /<Code>AccessDenied<\/Code><Message>Access Denied<\/Message>/);
  });
});
