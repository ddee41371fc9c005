import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type GetObjectAttributesCommandInput,
} from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

let storage: TestStorage;
const Bucket = 'bucket';
before(async () => {
  storage = await startTestStorage();
  await storage.client.send(new CreateBucketCommand({ Bucket }));
});
after(() => storage.close());

const ObjectAttributes: GetObjectAttributesCommandInput['ObjectAttributes'] = [
  'ETag',
  'Checksum',
  'ObjectParts',
  'StorageClass',
  'ObjectSize',
];
const attributes = async (Key: string, options: Partial<GetObjectAttributesCommandInput> = {}) => {
  const { $metadata: _, ...answer } = await storage.client.send(
    new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes, ...options }),
  );
  return answer;
};

// LocalStack's snapshots test_get_object_attributes and test_get_object_attributes_with_checksum, recorded on AWS.
it('GetObjectAttributes returns the requested attributes, the ETag without quotation marks', async () => {
  const options = { Bucket, Key: 'key', Body: '123456789', ChecksumAlgorithm: 'CRC32' } as const;
  const { ETag } = await storage.client.send(new PutObjectCommand(options));
  const { LastModified, ...answer } = await attributes('key');
  assert(LastModified instanceof Date);
  assert.deepEqual(answer, {
    ETag: ETag?.replaceAll('"', ''),
    Checksum: { ChecksumCRC32: 'y/Q5Jg==', ChecksumType: 'FULL_OBJECT' },
    StorageClass: 'STANDARD',
    ObjectSize: 9,
  });
  const { LastModified: __, ...size } = await attributes('key', { ObjectAttributes: ['ObjectSize'] });
  assert.deepEqual(size, { ObjectSize: 9 });
  await refused(attributes('none'), 'NoSuchKey', 404);
});

// LocalStack's snapshot test_multipart_parts_checksum_composite; the AWS documentation of GetObject for PartNumber.
it('GetObjectAttributes lists parts with their checksums, in pages, and GetObject returns those of a part', async () => {
  const target = { Bucket, Key: 'upload' };
  const { UploadId } = await storage.client.send(
    new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'CRC32' }),
  );
  const sizes = [5 * 1024 * 1024, 9];
  const Parts = [];
  for (const [n, Body] of [Buffer.alloc(sizes[0] ?? 0), Buffer.from('123456789')].entries()) {
    const PartNumber = n + 1;
    const command = new UploadPartCommand({
      ...target,
      UploadId,
      PartNumber,
      Body,
      ChecksumAlgorithm: 'CRC32',
    });
    const { ETag, ChecksumCRC32 } = await storage.client.send(command);
    Parts.push({ PartNumber, ETag, ChecksumCRC32 });
  }
  await storage.client.send(
    new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
  );
  const { ObjectParts, Checksum } = await attributes('upload', { MaxParts: 1 });
  assert.match(Checksum?.ChecksumCRC32 ?? '', /-2$/);
  assert.deepEqual(ObjectParts, {
    TotalPartsCount: 2,
    PartNumberMarker: '0',
    NextPartNumberMarker: '1',
    MaxParts: 1,
    IsTruncated: true,
    Parts: [{ PartNumber: 1, Size: sizes[0], ChecksumCRC32: Parts[0]?.ChecksumCRC32 }],
  });
  const { ObjectParts: rest } = await attributes('upload', { PartNumberMarker: '1' });
  assert.deepEqual(rest?.Parts, [{ PartNumber: 2, Size: 9, ChecksumCRC32: 'y/Q5Jg==' }]);
  const part = await storage.client.send(
    new GetObjectCommand({ ...target, PartNumber: 2, ChecksumMode: 'ENABLED' }),
  );
  assert.equal(part.ChecksumCRC32, 'y/Q5Jg==');
  assert.equal(await part.Body?.transformToString(), '123456789');
});
