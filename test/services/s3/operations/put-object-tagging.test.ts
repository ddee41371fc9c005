import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

/** The answers of LocalStack's snapshots test_s3_api.py::TestS3ObjectTagging, recorded on AWS. */
describe('the tags of an object', () => {
  let storage: TestStorage;
  const Bucket = 'bucket';
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket }));
  });
  after(() => storage.close());

  const tags = async (Key: string) =>
    (await storage.client.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
  const put = (Key: string, TagSet: { Key: string; Value: string }[]) =>
    storage.client.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } }));

  it('are put, counted, replaced and removed, without changing the object', async () => {
    const { client } = storage;
    const Key = 'key';
    const { ETag } = await client.send(
      new PutObjectCommand({ Bucket, Key, Body: 'abc', Tagging: 'a=1&b=x%20y' }),
    );
    assert.deepEqual(await tags(Key), [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: 'x y' },
    ]);
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    assert.equal(got.TagCount, 2);
    assert.equal(await got.Body?.transformToString(), 'abc');
    const { LastModified } = await client.send(new HeadObjectCommand({ Bucket, Key }));
    await put(Key, [{ Key: 'c', Value: '' }]);
    assert.deepEqual(await tags(Key), [{ Key: 'c', Value: '' }]);
    await client.send(new DeleteObjectTaggingCommand({ Bucket, Key }));
    assert.deepEqual(await tags(Key), []);
    const after = await client.send(new HeadObjectCommand({ Bucket, Key }));
    assert.deepEqual([after.ETag, after.LastModified, after.TagCount], [ETag, LastModified, undefined]);
  });

  it('are copied, or replaced, by CopyObject, and kept by a multipart upload', async () => {
    const { client } = storage;
    await client.send(new PutObjectCommand({ Bucket, Key: 'source', Tagging: 'a=1' }));
    const copy = (Key: string, options: object) =>
      client.send(new CopyObjectCommand({ Bucket, Key, CopySource: 'bucket/source', ...options }));
    await copy('copied', {});
    assert.deepEqual(await tags('copied'), [{ Key: 'a', Value: '1' }]);
    await copy('replaced', { TaggingDirective: 'REPLACE', Tagging: 'b=2' });
    assert.deepEqual(await tags('replaced'), [{ Key: 'b', Value: '2' }]);

    const target = { Bucket, Key: 'upload' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, Tagging: 'c=3' }));
    const { ETag } = await client.send(
      new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'x' }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
    assert.deepEqual(await tags('upload'), [{ Key: 'c', Value: '3' }]);
  });

  it('follow the rules of S3', async () => {
    const { client } = storage;
    const Key = 'ruled';
    await refused(put('none', []), 'NoSuchKey', 404);
    await refused(tags('none'), 'NoSuchKey', 404);
    await client.send(new PutObjectCommand({ Bucket, Key }));
    const eleven = Array.from({ length: 11 }, (_, n) => ({ Key: `k${n}`, Value: 'v' }));
    await refused(put(Key, eleven), 'BadRequest', 400);
    await refused(put(Key, [{ Key: 'aws:x', Value: 'v' }]), 'InvalidTag', 400);
    await refused(put(Key, [{ Key: 'x'.repeat(129), Value: 'v' }]), 'InvalidTag', 400);
    for (const Tagging of ['a=1&a=2']) {
      await refused(client.send(new PutObjectCommand({ Bucket, Key, Tagging })), 'InvalidArgument', 400);
    }
  });
});
