import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type CompleteMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

const MIN = 5 * 1024 * 1024;
const first = Buffer.alloc(MIN, 'a');
const second = Buffer.from('the end');
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();

describe('a multipart upload', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  });
  after(() => storage.close());

  const list = (options: object) =>
    storage.client.send(new ListMultipartUploadsCommand({ Bucket: 'bucket', Prefix: 'listed/', ...options }));

  async function begin(Key: string, options: object = {}) {
    const target = { Bucket: 'bucket', Key };
    const { UploadId = '' } = await storage.client.send(
      new CreateMultipartUploadCommand({ ...target, ...options }),
    );
    const upload = { ...target, UploadId };
    const part = async (PartNumber: number, Body: Uint8Array) => {
      const { ETag = '' } = await storage.client.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
      return { PartNumber, ETag };
    };
    const complete = (Parts: CompletedPart[], options: Partial<CompleteMultipartUploadCommandInput> = {}) =>
      storage.client.send(
        new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...options }),
      );
    return { upload, part, complete };
  }

  it('becomes an object of its parts, in order, with its initial metadata', async () => {
    const { upload, part, complete } = await begin('large.bin', {
      Metadata: { a: 'b' },
      ContentType: 'text/plain',
    });
    const last = await part(7, second);
    await part(3, Buffer.from('replaced'));
    const chosen = [await part(3, first), last];
    const listed = await storage.client.send(new ListPartsCommand(upload));
    assert.deepEqual(
      listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
      [
        [3, MIN],
        [7, 7],
      ],
    );
    const { ETag } = await complete(chosen, { MpuObjectSize: MIN + 7 });
    assert.equal(ETag, `"${md5(Buffer.concat([md5(first), md5(second)])).toString('hex')}-2"`);
    const { Body, ContentType, Metadata } = await storage.client.send(
      new GetObjectCommand({ Bucket: 'bucket', Key: 'large.bin' }),
    );
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    assert.ok(bytes.equals(Buffer.concat([first, second])));
    assert.deepEqual([ContentType, Metadata], ['text/plain', { a: 'b' }]);
    const one = await storage.client.send(
      new GetObjectCommand({ Bucket: 'bucket', Key: 'large.bin', PartNumber: 2 }),
    );
    assert.deepEqual([await one.Body?.transformToString(), one.PartsCount], ['the end', 2]);
    assert.deepEqual(await readdir(`${storage.objects}/.nagare/uploads`), []);
  });

  it('copies parts from objects, whole or by range', async () => {
    await storage.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'source', Body: first }));
    const { upload, part, complete } = await begin('copied');
    const copy = async (PartNumber: number, options: object) => {
      const command = new UploadPartCopyCommand({
        ...upload,
        PartNumber,
        CopySource: 'bucket/source',
        ...options,
      });
      return { PartNumber, ETag: (await storage.client.send(command)).CopyPartResult?.ETag ?? '' };
    };
    const parts = [await copy(1, {}), await copy(2, { CopySourceRange: 'bytes=0-3' })];
    await assert.rejects(copy(3, { CopySourceRange: `bytes=0-${MIN}` }), { name: 'InvalidArgument' });
    await assert.rejects(copy(3, { CopySourceIfMatch: '"other"' }), { name: 'PreconditionFailed' });
    await refused(complete([...parts, await part(3, second)]), 'EntityTooSmall', 400);
    await complete([...parts.slice(0, 1), await part(3, second)]);
    const { ContentLength } = await storage.client.send(
      new HeadObjectCommand({ Bucket: 'bucket', Key: 'copied' }),
    );
    assert.equal(ContentLength, MIN + 7);
  });

  it('stores a checksum of the whole or of the parts', async () => {
    for (const [ChecksumType, pattern] of [
      ['COMPOSITE', /-1$/],
      ['FULL_OBJECT', /^[^-]+$/],
    ] as const) {
      const options = { ChecksumAlgorithm: 'CRC32', ChecksumType } as const;
      const { upload, complete } = await begin(`checked-${ChecksumType}`, options);
      const command = new UploadPartCommand({
        ...upload,
        PartNumber: 1,
        Body: '123456789',
        ChecksumAlgorithm: 'CRC32',
      });
      const { ETag = '', ChecksumCRC32 = '' } = await storage.client.send(command);
      assert.equal(ChecksumCRC32, 'y/Q5Jg==');
      const answer = await complete([{ PartNumber: 1, ETag, ChecksumCRC32 }]);
      assert.match(answer.ChecksumCRC32 ?? '', pattern);
      assert.equal(answer.ChecksumType, ChecksumType);
    }
  });

  // moto's test_idempotent_multipart_upload (verified on AWS); adobe/S3Mock#2586 for If-None-Match.
  it('returns the first response to a repeated completion', async () => {
    const { part, complete, upload } = await begin('repeated');
    const parts = [await part(1, second)];
    const { ETag } = await complete(parts, { IfNoneMatch: '*' });
    assert.equal((await complete(parts)).ETag, ETag);
    assert.equal((await complete(parts, { IfNoneMatch: '*' })).ETag, ETag);
    await refused(complete([{ PartNumber: 1, ETag: '"0"' }]), 'NoSuchUpload', 404);
    await refused(storage.client.send(new AbortMultipartUploadCommand(upload)), 'NoSuchUpload', 404);
  });

  // LocalStack's snapshots test_complete_multipart_parts_checksum_composite and
  // test_multipart_parts_checksum_exceptions_{composite,full_object}, recorded on AWS.
  it("refuses inconsistent checksums with S3's messages", async () => {
    const begun = await begin('sha', { ChecksumAlgorithm: 'SHA256' });
    const put = (options: object) =>
      storage.client.send(new UploadPartCommand({ ...begun.upload, PartNumber: 1, Body: 'abc', ...options }));
    await assert.rejects(put({ ChecksumAlgorithm: 'CRC32' }), {
      name: 'InvalidRequest',
      message: 'Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32',
    });
    const { ETag = '', ChecksumSHA256 = '' } = await put({ ChecksumAlgorithm: 'SHA256' });
    const one = { PartNumber: 1, ETag };
    await assert.rejects(begun.complete([one]), {
      name: 'InvalidRequest',
      message:
        'The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.',
    });
    const wrong = md5(first)
      .toString('base64')
      .replace(/==$/, `${'A'.repeat(19)}AA=`);
    await refused(begun.complete([{ ...one, ChecksumSHA256: wrong }]), 'InvalidPart', 400);
    await assert.rejects(begun.complete([{ ...one, ChecksumCRC32: 'AAAAAA==' }]), {
      name: 'BadDigest',
      message: 'The crc32 you specified for part 1 did not match what we received.',
    });
    const whole = [{ ...one, ChecksumSHA256 }];
    await refused(begun.complete(whole, { ChecksumSHA256: 'bad' }), 'InvalidRequest', 400);
    await refused(begun.complete(whole, { ChecksumCRC32: 'AAAAAA==' }), 'InvalidRequest', 400);
    await refused(begun.complete(whole, { ChecksumType: 'FULL_OBJECT' }), 'InvalidRequest', 400);
    const { ChecksumSHA256: composite = '' } = await begun.complete(whole);
    assert.match(composite, /-1$/);
  });

  it('verifies the checksum of the whole object, even if the upload has none', async () => {
    for (const options of [{ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const, {}]) {
      const { part, complete } = await begin('whole', options);
      const parts = [await part(1, Buffer.from('123456789'))];
      await assert.rejects(complete(parts, { ChecksumCRC32: 'AAAAAA==' }), {
        name: 'BadDigest',
        message: 'The crc32 you specified did not match the calculated checksum.',
      });
      assert.deepEqual(await readdir(`${storage.objects}/.nagare/staging`), []);
      assert.equal((await complete(parts, { ChecksumCRC32: 'y/Q5Jg==' })).ChecksumCRC32, 'y/Q5Jg==');
    }
  });

  it('evaluates conditions like S3', async () => {
    const Key = 'conditional';
    const put = (Body: string) =>
      storage.client
        .send(new PutObjectCommand({ Bucket: 'bucket', Key, Body }))
        .then(({ ETag = '' }) => ETag);
    const remove = () => storage.client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key }));
    const ready = async () => {
      const { part, complete } = await begin(Key);
      const parts = [await part(1, second)];
      return (options: object) => complete(parts, options);
    };

    await refused((await ready())({ IfMatch: '"0"' }), 'NoSuchKey', 404);
    let complete = await ready();
    let etag = await put('put after the upload began');
    await refused(complete({ IfNoneMatch: '*' }), 'PreconditionFailed', 412);
    await refused(complete({ IfMatch: etag }), 'ConditionalRequestConflict', 409);
    await refused(complete({ IfMatch: '"old"' }), 'PreconditionFailed', 412);
    await refused(complete({ IfMatch: '*' }), 'NotImplemented', 501);

    complete = await ready();
    await put('put after the upload began');
    await refused(complete({ IfMatch: etag }), 'ConditionalRequestConflict', 409);

    complete = await ready();
    const { ETag = '' } = await complete({ IfMatch: etag });
    complete = await ready();
    await refused(complete({ IfMatch: `"${md5(second).toString('hex')}"` }), 'PreconditionFailed', 412);
    etag = ETag;
    await remove();
    await refused(complete({ IfNoneMatch: '*' }), 'ConditionalRequestConflict', 409);
    await refused(complete({ IfMatch: etag }), 'NoSuchKey', 404);
    await (
      await ready()
    )({ IfNoneMatch: '*' });
  });

  it('refuses inconsistent input', async () => {
    const { part, complete, upload } = await begin('wrong');
    const one = await part(1, second);
    const two = await part(2, second);
    await refused(complete([one, two]), 'EntityTooSmall', 400);
    await refused(complete([two, one]), 'InvalidPartOrder', 400);
    await refused(complete([{ ...one, ETag: '"other"' }]), 'InvalidPart', 400, { ETag: 'other' });
    await refused(complete([{ ...one, PartNumber: 9 }]), 'InvalidPart', 400);
    await refused(complete([one], { MpuObjectSize: 1 }), 'InvalidRequest', 400);
    await refused(complete([]), 'InvalidRequest', 400);
    await assert.rejects(part(0, second), { name: 'InvalidArgument' });
    await assert.rejects(part(10_001, second), { name: 'InvalidArgument' });
    for (const UploadId of ['nothing', '../../buckets', upload.UploadId.slice(1)]) {
      const command = new AbortMultipartUploadCommand({ ...upload, UploadId });
      await refused(storage.client.send(command), 'NoSuchUpload', 404);
    }
    await storage.client.send(new AbortMultipartUploadCommand(upload));
    await refused(complete([one]), 'NoSuchUpload', 404);
  });

  it('is listed while it is in progress', async () => {
    const { upload: b } = await begin('listed/b/1');
    const { upload: a } = await begin('listed/a');
    const all = await list({});
    assert.deepEqual(
      all.Uploads?.map(({ UploadId }) => UploadId),
      [a.UploadId, b.UploadId],
    );
    const page = await list({ MaxUploads: 1 });
    assert.deepEqual([page.IsTruncated, page.NextKeyMarker], [true, 'listed/a']);
    const rest = await list({ KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker });
    assert.deepEqual(
      rest.Uploads?.map(({ Key }) => Key),
      ['listed/b/1'],
    );
    const rolled = await list({ Delimiter: '/' });
    assert.deepEqual(rolled.CommonPrefixes, [{ Prefix: 'listed/b/' }]);
    for (const upload of [a, b]) await storage.client.send(new AbortMultipartUploadCommand(upload));
  });
});
