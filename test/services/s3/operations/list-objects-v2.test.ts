import { signedFor } from '../../../support/admission.ts';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

const keys = [
  'a', 'a/', 'a/b', 'a/b/c', 'a-b', 'a.txt', 'aa', 'b//c', 'b/c', 'logs/2026/11/a', 'logs/2026/12/b', 'logs/x',
  'é', '\uffee', '𐐷', `long/${'x'.repeat(500)}`, `long/${'x'.repeat(501)}/y`, `${'x'.repeat(300)}/z`, '%41', 'A', '~',
]; // prettier-ignore

const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What a listing is by definition: sorted by bytes, filtered, rolled up. */
function expected(prefix: string, delimiter: string, after: string): string[] {
  const listed = keys
    .filter((key) => key.startsWith(prefix) && (after === '' || bytes(key, after) > 0))
    .sort(bytes)
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : `>${key.slice(0, end + delimiter.length)}`;
    });
  return [...new Set(listed)];
}

describe('ListObjectsV2 and ListObjects', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    for (const Key of keys)
      await storage.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: Key }));
  });
  after(() => storage.close());

  async function listAll(
    options: { Prefix?: string; Delimiter?: string; StartAfter?: string },
    pageSize: number,
  ) {
    const listed: string[] = [];
    const pages = paginateListObjectsV2(
      { client: storage.client, pageSize },
      { Bucket: 'bucket', ...options },
    );
    for await (const page of pages) {
      const objects = page.Contents?.map(({ Key }) => Key ?? '') ?? [];
      const prefixes = page.CommonPrefixes?.map(({ Prefix }) => `>${Prefix}`) ?? [];
      assert.equal(page.KeyCount, objects.length + prefixes.length);
      assert.ok(objects.length + prefixes.length <= pageSize);
      listed.push(...objects, ...prefixes);
    }
    return listed;
  }

  it('return every key once, whatever the prefix, the delimiter, the start and the page size', async () => {
    const prefix = fc.constantFrom(
      '',
      'a',
      'a/',
      'a/b',
      'b/',
      'b//',
      'logs/',
      'logs/2026/1',
      'long/x',
      'x',
      'nothing',
      '%',
    );
    const delimiter = fc.constantFrom('', '/', 'b', '//', '2026');
    const start = fc.constantFrom('', 'a', 'a/', 'a/b', 'a/zzz', 'logs/2026/11/a', 'zzz', 'long/', '\uffee');
    await fc.assert(
      fc.asyncProperty(
        prefix,
        delimiter,
        start,
        fc.integer({ min: 1, max: 30 }),
        async (Prefix, Delimiter, StartAfter, size) => {
          const listed = await listAll({ Prefix, Delimiter, StartAfter }, size);
          assert.deepEqual(listed.toSorted(), expected(Prefix, Delimiter, StartAfter).toSorted());
        },
      ),
      { numRuns: 40 },
    );
    assert.deepEqual(await listAll({}, 4), expected('', '', ''));
  });

  it('return the same facts of objects as HeadObject', async () => {
    const { Contents } = await storage.client.send(
      new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'a.txt', FetchOwner: true }),
    );
    const [object] = Contents ?? [];
    assert.equal(object?.Size, 5);
    assert.equal(object?.StorageClass, 'STANDARD');
    assert.equal(object?.Owner?.ID, '000000000000');
    assert.match(object?.ETag ?? '', /^"[0-9a-f]{32}"$/);
  });

  it('encode keys if requested, for characters that XML cannot contain', async () => {
    const target = { Bucket: 'bucket', Key: 'odd/\u0001 +&<.txt' };
    await storage.client.send(new PutObjectCommand(target));
    const { Contents } = await storage.client.send(
      new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'odd/', EncodingType: 'url' }),
    );
    assert.equal(Contents?.[0]?.Key, 'odd/%01+%2B%26%3C.txt');
    await storage.client.send(
      new DeleteObjectsCommand({ Bucket: 'bucket', Delete: { Objects: [{ Key: 'odd/ a' }] } }),
    );
    await fetch(`${storage.endpoint}/bucket/${encodeURIComponent(target.Key)}`, {
      method: 'DELETE',
      headers: signedFor('s3'),
    });
    assert.deepEqual(await listAll({ Prefix: 'odd/' }, 10), []);
  });

  it('page by markers in the first version', async () => {
    for (const Delimiter of [undefined, '/']) {
      const listed: string[] = [];
      let Marker: string | undefined;
      do {
        const page = await storage.client.send(
          new ListObjectsCommand({
            Bucket: 'bucket',
            MaxKeys: 3,
            ...(Delimiter && { Delimiter }),
            ...(Marker && { Marker }),
          }),
        );
        listed.push(...(page.Contents?.map(({ Key }) => Key ?? '') ?? []));
        listed.push(...(page.CommonPrefixes?.map(({ Prefix }) => `>${Prefix}`) ?? []));
        Marker = page.IsTruncated ? (page.NextMarker ?? page.Contents?.at(-1)?.Key) : undefined;
      } while (Marker !== undefined);
      assert.deepEqual(listed.toSorted(), expected('', Delimiter ?? '', '').toSorted());
    }
  });

  it('return nothing for no keys, and refuse a missing bucket', async () => {
    const none = await storage.client.send(new ListObjectsV2Command({ Bucket: 'bucket', MaxKeys: 0 }));
    assert.deepEqual([none.KeyCount, none.IsTruncated], [0, false]);
    await refused(storage.client.send(new ListObjectsV2Command({ Bucket: 'nowhere' })), 'NoSuchBucket', 404);
    const wrong = new ListObjectsV2Command({ Bucket: 'bucket', ContinuationToken: '!' });
    await refused(storage.client.send(wrong), 'InvalidArgument', 400);
  });
});
