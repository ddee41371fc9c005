import type { UploadPartCopyOutput, UploadPartCopyRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { openCopySource } from '../copy-source.ts';
import { checksumMembers, encryptionMember } from '../object-headers.ts';
import { entityTooLarge } from '../errors.ts';
import { parseCopyRange } from '../ranges.ts';
import { checkPartNumber } from './upload-part.ts';

/** Stores a range of an object as a part; the bytes do not leave the server. */
export async function uploadPartCopy(
  context: S3Context,
  input: Checked<UploadPartCopyRequest>,
): Promise<UploadPartCopyOutput> {
  checkPartNumber(input.PartNumber);
  const upload = context.uploads.get(input.Bucket, input.Key, input.UploadId);
  const { object } = await openCopySource(context, input);
  let range;
  try {
    range = parseCopyRange(input.CopySourceRange, object.meta.sizeBytes);
    if (range.length > s3Limits.objectPartBytesMax) throw entityTooLarge(s3Limits.objectPartBytesMax);
  } catch (error) {
    await object.close();
    throw error;
  }
  const algorithm = upload.checksum?.algorithm;
  const content = await context.objects.receive(
    object.read(range.first, range.length),
    algorithm === undefined ? [] : [algorithm],
    s3Limits.objectPartBytesMax,
    upload.isEncrypted,
  );
  const part = await context.uploads.putPart(upload, input.PartNumber, content);
  const value = algorithm === undefined ? undefined : part.checksums[algorithm];
  const { ChecksumType: _ofTheWhole, ...checksums } = checksumMembers(
    algorithm === undefined || value === undefined ? undefined : { algorithm, value, type: 'FULL_OBJECT' },
  );
  return {
    ...encryptionMember(upload.isEncrypted === true),
    CopyPartResult: { ETag: `"${part.etag}"`, LastModified: new Date(part.modifiedMs), ...checksums },
  };
}
