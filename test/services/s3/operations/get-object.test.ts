import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type GetObjectCommandInput,
} from '@aws-sdk/client-s3';
import { s3Limits } from '../../../../src/services/s3/limits.ts';
import { BLOCK_BYTES } from '../../../../src/services/s3/embedded/block-sums.ts';
import { realFiles, type Files } from '../../../../src/services/s3/embedded/files.ts';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

/** Files whose reads are counted. */
function watched(onRead: (bytes: number) => void): Files {
  return {
    ...realFiles,
    async open(path, flags) {
      const file = await realFiles.open(path, flags);
      if (flags !== 'r') return file;
      return new Proxy(file, {
        get(opened, name) {
          const member: unknown = Reflect.get(opened, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]): unknown => {
            if (name === 'read') onRead(Number(args[2]));
            return Reflect.apply(member, opened, args);
          };
        },
      });
    },
  };
}

/** When its head has come; the body waits to be read. */
const answerOf = (url: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    http.get(url, { agent: false }, resolve).once('error', reject);
  });

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

  it('return ranges like S3', async () => {
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
  it('refuse a response-* parameter that is not a valid header value, and leave no file open', async () => {
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

  it('evaluate conditions in the order of RFC 9110', async () => {
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

  it("let a request replace the response's headers", async () => {
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

  it('return the object as of the start of the response, while it is replaced and deleted', async () => {
    const Body = Buffer.alloc(8 << 20, 'a');
    await storage.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'changing', Body }));
    const answer = await storage.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'changing' }));
    await storage.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'changing', Body: 'short' }));
    const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    assert.ok(bytes.equals(Body));
  });

  // Whatever was read for each of many slow clients was in memory at once, and none of it was counted.
  it('read less at once per client when many do not read, and send all of them the same bytes', async () => {
    const reads: number[] = [];
    const small = await startTestStorage({
      files: watched((bytes) => reads.push(bytes)),
      responseBounds: { bytesMax: 8 * s3Limits.objectReadBytesMax, stallMs: 600_000 },
    });
    try {
      // More than the buffers of a connection hold.
      const Body = randomBytes(24 << 20);
      await small.client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
      await small.client.send(new PutObjectCommand({ ...target, Body }));
      const answers: IncomingMessage[] = [];
      for (let n = 0; n < 8; n++) {
        reads.length = 0;
        answers.push(await answerOf(`${small.endpoint}/bucket/key`));
        if (n === 0) assert.equal(reads[0], s3Limits.objectReadBytesMax);
      }
      assert.equal(reads[0], BLOCK_BYTES);
      for (const answer of answers) {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        assert(Buffer.concat(chunks).equals(Body));
      }
      reads.length = 0;
      const answer = await small.client.send(new GetObjectCommand(target));
      assert.equal((await answer.Body?.transformToByteArray())?.length, Body.length);
      assert.equal(reads[0], s3Limits.objectReadBytesMax, 'the memory of responses is free again');
    } finally {
      await small.close();
    }
  });

  it('refuse missing objects', async () => {
    await refused(get({ Key: 'nothing' }), 'NoSuchKey', 404);
    await refused(get({ Bucket: 'nowhere' }), 'NoSuchBucket', 404);
    await refused(head({ Key: 'nothing' }), 'NotFound', 404);
    await refused(get({ VersionId: 'abc' }), 'NotImplemented', 501);
    assert.equal((await get({ VersionId: 'null' })).text, '0123456789');
    assert.equal((await get({ PartNumber: 1 })).status, 206);
    await refused(get({ PartNumber: 2 }), 'InvalidPartNumber', 416);
  });
});
