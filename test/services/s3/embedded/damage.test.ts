import assert from 'node:assert/strict';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { BLOCK_BYTES } from '../../../../src/services/s3/embedded/block-sums.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

const DAMAGED = { name: 'InternalError', message: 'the object bucket/k.bin is damaged on disk' };
const BLOCKS = 5;

const isInternal = (error: S3ServiceException): boolean => error.$metadata.httpStatusCode === 500;

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await writeFile(file, bytes);
}

/** What passed as 200 or was copied: a bit flipped in a content, a content that was cut, or was not there. */
describe('a damaged content', () => {
  let storage: TestStorage;
  let client: S3Client;
  let path = '';
  const content = Buffer.from(Array.from({ length: BLOCKS * BLOCK_BYTES - 1000 }, (_, n) => n % 251));
  before(async () => {
    storage = await startTestStorage();
    ({ client } = storage);
    path = `${storage.objects}/bucket/k.bin`;
    await client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  });
  after(() => storage.close());

  const key = { Bucket: 'bucket', Key: 'k.bin' };
  const put = () => client.send(new PutObjectCommand({ ...key, Body: content }));
  async function get(range?: string): Promise<Buffer> {
    const answer = await client.send(new GetObjectCommand({ ...key, Range: range }));
    return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  }

  it('causes an error for each damaged block, and the others are readable', async () => {
    await put();
    await flip(path, 2 * BLOCK_BYTES + 7);
    const before = 2 * BLOCK_BYTES - 1;
    assert.deepEqual(await get(`bytes=10-${before}`), content.subarray(10, before + 1));
    assert.deepEqual(await get(`bytes=${3 * BLOCK_BYTES}-`), content.subarray(3 * BLOCK_BYTES));
    await assert.rejects(get(`bytes=${2 * BLOCK_BYTES + 100}-${2 * BLOCK_BYTES + 101}`), DAMAGED);
    // The answer had begun with good blocks: the connection is cut, nothing is completed.
    await assert.rejects(get());
    await assert.rejects(storage.store.get('bucket', 'k.bin'), /damaged on disk/);
  });

  it('is not copied, not as a part either, and can be replaced and deleted', async () => {
    await put();
    await flip(path, 3 * BLOCK_BYTES);
    const CopySource = 'bucket/k.bin';
    await assert.rejects(
      client.send(new CopyObjectCommand({ Bucket: 'bucket', Key: 'copy', CopySource })),
      DAMAGED,
    );
    const target = { Bucket: 'bucket', Key: 'upload' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    await assert.rejects(
      client.send(new UploadPartCopyCommand({ ...target, UploadId, PartNumber: 1, CopySource })),
      DAMAGED,
    );
    await put();
    assert.deepEqual(await get(), content);
    await flip(path, 0);
    await client.send(new DeleteObjectCommand(key));
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
    assert.equal(Contents, undefined);
  });

  it('causes an error when it is short or missing, for HeadObject too', async () => {
    await put();
    await truncate(path, 1000);
    await assert.rejects(get(), DAMAGED);
    await assert.rejects(client.send(new HeadObjectCommand(key)), isInternal);
    await rm(path);
    await assert.rejects(get(), DAMAGED);
    await assert.rejects(client.send(new HeadObjectCommand(key)), isInternal);
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
    assert.equal(Contents?.length, 1);
  });

  it('causes an error for an upload of which it is a part', async () => {
    const target = { Bucket: 'bucket', Key: 'of-parts' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    const part = { ...target, UploadId, PartNumber: 1, Body: content };
    const { ETag } = await client.send(new UploadPartCommand(part));
    const folder = `${storage.objects}/.nagare/uploads/${UploadId}`;
    const [name = ''] = await readdir(folder);
    await flip(`${folder}/${name}`, 5);
    const complete = new CompleteMultipartUploadCommand({
      ...target,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });
    await assert.rejects(client.send(complete), { message: 'the object bucket/of-parts is damaged on disk' });
  });

  it('causes an error for a list log, and is not appended to when it is short', async () => {
    const text = Buffer.from('line\n'.repeat(100));
    await storage.store.put('bucket', 'log.txt', text, { condition: 'unconditional' });
    const info = await storage.store.head('bucket', 'log.txt');
    assert.ok(info);
    await flip(`${storage.objects}/bucket/log.txt`, 300);
    await assert.rejects(storage.store.get('bucket', 'log.txt'), /damaged on disk/);
    await truncate(`${storage.objects}/bucket/log.txt`, 10);
    await assert.rejects(storage.store.append('bucket', 'log.txt', info, text, {}), /damaged on disk/);
  });
});
