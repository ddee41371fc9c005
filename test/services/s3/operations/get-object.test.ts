import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type GetObjectCommandInput,
} from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

const openFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length;

describe('GetObject and HeadObject', () => {
  let storage: TestStorage;
  let etag = '';
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    const put = new PutObjectCommand({
      Bucket: 'bucket',
      Key: 'key',
      Body: '0123456789',
      ContentType: 'text/plain',
    });
    etag = (await storage.client.send(put)).ETag ?? '';
  });
  after(() => storage.close());

  const target = { Bucket: 'bucket', Key: 'key' };
  async function get(options: Partial<GetObjectCommandInput> = {}) {
    const answer = await storage.client.send(new GetObjectCommand({ ...target, ...options }));
    const text = await answer.Body?.transformToString();
    return { ...answer, text, status: answer.$metadata.httpStatusCode };
  }
  const head = (options: object) => storage.client.send(new HeadObjectCommand({ ...target, ...options }));

  it('gives ranges as S3 does', async () => {
    const cases = [
      ['bytes=0-0', '0', 'bytes 0-0/10'],
      ['bytes=2-5', '2345', 'bytes 2-5/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=7-100', '789', 'bytes 7-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=-100', '0123456789', 'bytes 0-9/10'],
    ] as const;
    for (const [Range, text, ContentRange] of cases) {
      const answer = await get({ Range });
      assert.deepEqual([answer.status, answer.text, answer.ContentRange], [206, text, ContentRange]);
      const { ContentLength } = await head({ Range });
      assert.equal(ContentLength, text.length);
    }
    for (const Range of ['bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=']) {
      const answer = await get({ Range });
      assert.deepEqual([answer.status, answer.text], [200, '0123456789'], Range);
    }
    await refused(get({ Range: 'bytes=10-' }), 'InvalidRange', 416);
    await refused(get({ Range: 'bytes=-0' }), 'InvalidRange', 416);
  });

  // S3's code, words and members, as users reported them: github.com/guardian/grid/pull/1716.
  it('refuses a response-* parameter that no header can have as its value, and keeps no file open', async () => {
    const before = await openFiles();
    for (let i = 0; i < 50; i++) {
      for (const value of ['attachment; filename="倉.txt"', 'a\nb', 'a\u0000']) {
        await refused(get({ ResponseContentDisposition: value }), 'InvalidArgument', 400, {
          message: 'Header value cannot be represented using ISO-8859-1.',
          ArgumentName: 'response-content-disposition',
        });
      }
      await refused(get({ ResponseContentType: 'text/html\r\nX: y' }), 'InvalidArgument', 400);
    }
    assert.ok((await openFiles()) - before < 20, 'no file is left open');
    const { ContentDisposition } = await get({ ResponseContentDisposition: 'attachment; filename="é.txt"' });
    assert.equal(ContentDisposition, 'attachment; filename="é.txt"');
  });

  it('looks at conditions in the order of RFC 9110', async () => {
    const past = new Date(Date.now() - 3_600_000);
    const future = new Date(Date.now() + 3_600_000);
    assert.equal((await get({ IfMatch: etag })).text, '0123456789');
    assert.equal((await get({ IfMatch: '*', IfUnmodifiedSince: past })).text, '0123456789');
    assert.equal((await get({ IfNoneMatch: '"other"', IfModifiedSince: future })).text, '0123456789');
    await refused(get({ IfMatch: '"other"' }), 'PreconditionFailed', 412);
    await refused(get({ IfUnmodifiedSince: past }), 'PreconditionFailed', 412);
    for (const options of [{ IfNoneMatch: etag }, { IfNoneMatch: '*' }, { IfModifiedSince: new Date() }]) {
      await assert.rejects(get(options), (error: { $metadata?: { httpStatusCode?: number } }) => {
        assert.equal(error.$metadata?.httpStatusCode, 304);
        return true;
      });
    }
  });

  it('lets a request replace the headers it answers with', async () => {
    const answer = await get({
      ResponseContentType: 'application/json',
      ResponseCacheControl: 'max-age=1',
      ResponseContentDisposition: 'inline',
      ResponseContentEncoding: 'br',
      ResponseContentLanguage: 'en',
    });
    const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage } = answer;
    assert.deepEqual(
      [ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage],
      ['application/json', 'max-age=1', 'inline', 'br', 'en'],
    );
  });

  it('gives what the object was when the answer began, while it is replaced and deleted', async () => {
    const Body = Buffer.alloc(8 << 20, 'a');
    await storage.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'changing', Body }));
    const answer = await storage.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'changing' }));
    await storage.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'changing', Body: 'short' }));
    const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    assert.ok(bytes.equals(Body));
  });

  it('refuses what is not there', async () => {
    await refused(get({ Key: 'nothing' }), 'NoSuchKey', 404);
    await refused(get({ Bucket: 'nowhere' }), 'NoSuchBucket', 404);
    await refused(head({ Key: 'nothing' }), 'NotFound', 404);
    await refused(get({ VersionId: 'abc' }), 'NotImplemented', 501);
    assert.equal((await get({ VersionId: 'null' })).text, '0123456789');
    assert.equal((await get({ PartNumber: 1 })).status, 206);
    await refused(get({ PartNumber: 2 }), 'InvalidPartNumber', 416);
  });
});
