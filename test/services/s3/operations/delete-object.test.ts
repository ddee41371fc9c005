import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutObjectCommand,
  type DeleteObjectCommandInput,
} from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

describe('DeleteObject and DeleteObjects', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  });
  after(() => storage.close());

  const put = (Key: string) =>
    storage.client
      .send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: Key }))
      .then(({ ETag = '' }) => ETag);
  const remove = (Key: string, options: Partial<DeleteObjectCommandInput> = {}) =>
    storage.client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key, ...options }));

  it('delete an object with its file and its folders, and accept a missing one', async () => {
    await put('deep/er/a.txt');
    await remove('deep/er/a.txt');
    await remove('deep/er/a.txt');
    assert.equal(existsSync(`${storage.objects}/bucket/deep`), false);
  });

  it('evaluate If-Match like S3', async () => {
    const etag = await put('key');
    await refused(remove('key', { IfMatch: '"other"' }), 'PreconditionFailed', 412);
    await remove('key', { IfMatch: etag });
    await refused(remove('key', { IfMatch: etag }), 'NoSuchKey', 404);
    await put('key');
    await remove('key', { IfMatch: '*' });
    await refused(remove('key', { IfMatchSize: 3 }), 'NotImplemented', 501);
  });

  it('delete many at once, and report failures', async () => {
    const etag = await put('a');
    await put('b');
    const Objects = [{ Key: 'a', ETag: etag }, { Key: 'b', ETag: '"other"' }, { Key: 'nothing' }];
    const { Deleted, Errors } = await storage.client.send(
      new DeleteObjectsCommand({ Bucket: 'bucket', Delete: { Objects } }),
    );
    assert.deepEqual(Deleted, [{ Key: 'a' }, { Key: 'nothing' }]);
    assert.deepEqual(
      Errors?.map(({ Key, Code }) => [Key, Code]),
      [['b', 'PreconditionFailed']],
    );
    const quiet = new DeleteObjectsCommand({
      Bucket: 'bucket',
      Delete: { Objects: [{ Key: 'b' }], Quiet: true },
    });
    assert.equal((await storage.client.send(quiet)).Deleted, undefined);
    const many = Array.from({ length: 1001 }, (_, i) => ({ Key: `k${i}` }));
    await refused(
      storage.client.send(new DeleteObjectsCommand({ Bucket: 'bucket', Delete: { Objects: many } })),
      'MalformedXML',
      400,
    );
  });
});
