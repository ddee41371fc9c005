import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

describe('DeleteBucket', () => {
  let storage: TestStorage;
  before(async () => (storage = await startTestStorage()));
  after(() => storage.close());

  it('deletes only an empty bucket, with its uploads', async () => {
    const { client } = storage;
    const target = { Bucket: 'bucket', Key: 'deep/er/a.txt' };
    await client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    await client.send(new PutObjectCommand({ ...target, Body: 'a' }));
    await client.send(new CreateMultipartUploadCommand(target));
    await refused(client.send(new DeleteBucketCommand({ Bucket: 'bucket' })), 'BucketNotEmpty', 409);
    await client.send(new DeleteObjectCommand(target));
    await client.send(new DeleteBucketCommand({ Bucket: 'bucket' }));
    await refused(client.send(new HeadBucketCommand({ Bucket: 'bucket' })), 'NotFound', 404);
    assert.equal(existsSync(`${storage.objects}/bucket`), false);
  });

  it('refuses a missing bucket', async () => {
    await refused(storage.client.send(new DeleteBucketCommand({ Bucket: 'nowhere' })), 'NoSuchBucket', 404);
  });
});
