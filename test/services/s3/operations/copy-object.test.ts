import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  type CopyObjectCommandInput,
} from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

describe('CopyObject', () => {
  let storage: TestStorage;
  let etag = '';
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    const put = new PutObjectCommand({
      Bucket: 'bucket',
      Key: 'from here/a b+c.txt',
      Body: 'content',
      ContentType: 'text/plain',
      Metadata: { one: '1' },
    });
    etag = (await storage.client.send(put)).ETag ?? '';
  });
  after(() => storage.close());

  const CopySource = `bucket/${encodeURIComponent('from here/a b+c.txt')}`;
  const copy = (options: Partial<CopyObjectCommandInput>) =>
    storage.client.send(new CopyObjectCommand({ Bucket: 'bucket', Key: 'to', CopySource, ...options }));
  const get = (Key: string) => storage.client.send(new GetObjectCommand({ Bucket: 'bucket', Key }));

  it('copies bytes and metadata, or replaces the metadata', async () => {
    assert.equal((await copy({})).CopyObjectResult?.ETag, etag);
    const same = await get('to');
    assert.deepEqual(
      [same.ContentType, same.Metadata, await same.Body?.transformToString()],
      ['text/plain', { one: '1' }, 'content'],
    );
    await copy({ MetadataDirective: 'REPLACE', Metadata: { two: '2' }, ContentType: 'text/csv' });
    const other = await get('to');
    assert.deepEqual([other.ContentType, other.Metadata], ['text/csv', { two: '2' }]);
  });

  // Terraform's aws_s3_object_copy.
  it('takes a source whose slash is percent-encoded too', async () => {
    const encoded = { CopySource: encodeURIComponent('bucket/from here/a b+c.txt') };
    assert.equal((await copy(encoded)).CopyObjectResult?.ETag, etag);
    await refused(copy({ CopySource: 'bucket' }), 'InvalidArgument', 400);
  });

  it('evaluates conditions of the source and of the target', async () => {
    await copy({ CopySourceIfMatch: etag });
    await refused(copy({ CopySourceIfMatch: '"other"' }), 'PreconditionFailed', 412);
    await refused(copy({ CopySourceIfNoneMatch: etag }), 'PreconditionFailed', 412);
    await refused(copy({ CopySourceIfModifiedSince: new Date() }), 'PreconditionFailed', 412);
    await refused(copy({ IfNoneMatch: '*' }), 'PreconditionFailed', 412);
    await refused(copy({ IfMatch: '"other"' }), 'PreconditionFailed', 412);
    await copy({ IfMatch: etag });
  });

  it('refuses invalid requests', async () => {
    await refused(copy({ CopySource: 'bucket/nothing' }), 'NoSuchKey', 404);
    await refused(copy({ CopySource: 'nowhere/key' }), 'NoSuchBucket', 404);
    await refused(copy({ CopySource: 'bucket/to', Key: 'to' }), 'InvalidRequest', 400);
    // LocalStack's snapshot test_s3_copy_object_in_place_storage_class, recorded on AWS.
    await copy({ CopySource: 'bucket/to', Key: 'to', StorageClass: 'STANDARD' });
  });
});
