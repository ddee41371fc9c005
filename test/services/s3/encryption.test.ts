import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { refused } from './expect.ts';
import { startTestStorage, type TestStorage } from './support.ts';

const Bucket = 'bucket';
const SECRET = 'a secret that is not to be read on the disk ';
const encrypted = { ServerSideEncryption: 'AES256' } as const;

/** Objects with ServerSideEncryption AES256 are encrypted where they lie, under the server's master key. */
describe('an encrypted object', () => {
  let folder: string;
  let storage: TestStorage;
  before(async () => {
    folder = await temporaryFolder();
    storage = await startTestStorage({ folder });
    await storage.client.send(new CreateBucketCommand({ Bucket }));
  });
  after(async () => {
    await storage.close();
    await rm(folder, { recursive: true, force: true });
  });

  const put = (Key: string, Body: string | Uint8Array, options: object = encrypted) =>
    storage.client.send(new PutObjectCommand({ Bucket, Key, Body, ...options }));
  const get = async (Key: string, options: object = {}) => {
    const { Body, ...head } = await storage.client.send(new GetObjectCommand({ Bucket, Key, ...options }));
    return { ...head, bytes: Buffer.from((await Body?.transformToByteArray()) ?? []) };
  };
  const onDisk = (name: string) => readFile(`${folder}/objects/${Bucket}/${name}`);

  it('is reported as such, unreadable on disk, and returned whole and by ranges, also after a restart', async () => {
    const large = Buffer.from(SECRET.repeat(20_000));
    for (const [name, body] of [
      ['small.txt', Buffer.from(SECRET)],
      ['large.txt', large],
    ] as const) {
      assert.equal((await put(name, body)).ServerSideEncryption, 'AES256');
      const stored = await onDisk(name);
      assert.equal(stored.length, body.length);
      assert.equal(stored.includes('secret'), false);
      const got = await get(name);
      assert.equal(got.ServerSideEncryption, 'AES256');
      assert(got.bytes.equals(body));
    }
    await storage.close();
    storage = await startTestStorage({ folder });
    for (const [first, last] of [
      [0, 0],
      [7, 300_000],
      [262_143, 262_145],
      [large.length - 5, large.length - 1],
    ] as const) {
      const { bytes } = await get('large.txt', { Range: `bytes=${first}-${last}` });
      assert(bytes.equals(large.subarray(first, last + 1)), `${first}-${last}`);
    }
    const head = await storage.client.send(new HeadObjectCommand({ Bucket, Key: 'small.txt' }));
    assert.equal(head.ServerSideEncryption, 'AES256');
    await put('plain.txt', SECRET, {});
    assert.equal((await get('plain.txt')).ServerSideEncryption, undefined);
  });

  it('has its own key: the same bytes are stored differently', async () => {
    await put('one.txt', SECRET);
    await put('two.txt', SECRET);
    assert.equal((await onDisk('one.txt')).equals(await onDisk('two.txt')), false);
    assert.equal((await get('one.txt')).ETag, (await get('two.txt')).ETag);
  });

  it('can be a copy, assembled from parts, or appended to', async () => {
    const { client } = storage;
    await put('source.txt', SECRET);
    const copied = await client.send(
      new CopyObjectCommand({ Bucket, Key: 'copy.txt', CopySource: `${Bucket}/source.txt` }),
    );
    assert.equal(copied.ServerSideEncryption, 'AES256');
    assert.equal((await get('copy.txt')).bytes.toString(), SECRET);

    const target = { Bucket, Key: 'upload.txt' };
    const { UploadId, ...begun } = await client.send(
      new CreateMultipartUploadCommand({ ...target, ...encrypted }),
    );
    assert.equal(begun.ServerSideEncryption, 'AES256');
    const first = Buffer.from(SECRET.repeat(130_000)).subarray(0, 5 * 1024 * 1024);
    const part = await client.send(
      new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: first }),
    );
    assert.equal(part.ServerSideEncryption, 'AES256');
    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({ ...target, UploadId, PartNumber: 2, CopySource: `${Bucket}/source.txt` }),
    );
    const Parts = [
      { PartNumber: 1, ETag: part.ETag },
      { PartNumber: 2, ETag: CopyPartResult?.ETag },
    ];
    const complete = new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } });
    assert.equal((await client.send(complete)).ServerSideEncryption, 'AES256');
    assert.equal((await client.send(complete)).ServerSideEncryption, 'AES256');
    assert((await get('upload.txt')).bytes.equals(Buffer.concat([first, Buffer.from(SECRET)])));
    assert.equal((await onDisk('upload.txt')).includes('secret'), false);

    const base = await storage.store.head(Bucket, 'source.txt');
    assert(base);
    await storage.store.append(Bucket, 'source.txt', base, Buffer.from(`another ${SECRET}`), {});
    assert.equal((await get('source.txt')).bytes.toString(), `${SECRET}another ${SECRET}`);
    assert.equal((await onDisk('source.txt')).includes('secret'), false);
  });

  it('is any object put into a bucket with default encryption', async () => {
    const { client } = storage;
    const Bucket = 'encrypting';
    await client.send(new CreateBucketCommand({ Bucket }));
    const rule = (SSEAlgorithm: 'AES256' | 'aws:kms') => ({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm } }],
      },
    });
    await refused(client.send(new PutBucketEncryptionCommand(rule('aws:kms'))), 'NotImplemented', 501);
    await client.send(new PutBucketEncryptionCommand(rule('AES256')));
    const { ServerSideEncryptionConfiguration } = await client.send(
      new GetBucketEncryptionCommand({ Bucket }),
    );
    assert.deepEqual(ServerSideEncryptionConfiguration?.Rules, [
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
    ]);
    const putOne = () => client.send(new PutObjectCommand({ Bucket, Key: 'a.txt', Body: SECRET }));
    assert.equal((await putOne()).ServerSideEncryption, 'AES256');
    assert.equal((await readFile(`${folder}/objects/${Bucket}/a.txt`)).includes('secret'), false);
    await client.send(new DeleteBucketEncryptionCommand({ Bucket }));
    assert.equal((await putOne()).ServerSideEncryption, undefined);
  });

  it('is not served when its bytes were changed', async () => {
    await put('damaged.txt', SECRET);
    const stored = await onDisk('damaged.txt');
    stored[3] = (stored[3] ?? 0) ^ 1;
    await writeFile(`${folder}/objects/${Bucket}/damaged.txt`, stored);
    await refused(get('damaged.txt'), 'InternalError', 500);
  });

  it('cannot have KMS keys or customer-provided keys', async () => {
    await refused(put('k', 'x', { ServerSideEncryption: 'aws:kms' }), 'NotImplemented', 501);
    await refused(put('k', 'x', { ServerSideEncryption: 'aws:kms:dsse' }), 'NotImplemented', 501);
    const SSECustomerKey = Buffer.alloc(32).toString('base64');
    await refused(put('k', 'x', { SSECustomerAlgorithm: 'AES256', SSECustomerKey }), 'NotImplemented', 501);
  });
});
