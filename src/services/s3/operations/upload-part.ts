import type { UploadPartOutput, UploadPartRequest } from '@aws-sdk/client-s3';
import { s3Limits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { checksumMembers, encryptionMember } from '../object-headers.ts';
import { invalidArgument } from '../errors.ts';
import { receiveBody, type StreamedBody } from '../receive-body.ts';

export type UploadPartInput = Omit<Checked<UploadPartRequest>, 'Body'> & { readonly Body?: StreamedBody };

/** Stores a part, durable when the call returns; replaces a part of the same number. */
export async function uploadPart(
  context: S3Context,
  input: UploadPartInput,
  call: CallContext,
): Promise<UploadPartOutput> {
  checkPartNumber(input.PartNumber);
  const upload = context.uploads.get(input.Bucket, input.Key, input.UploadId);
  const { content, checksum } = await receiveBody(
    context.objects,
    input,
    call,
    s3Limits.objectPartBytesMax,
    upload.checksum,
    upload.isEncrypted,
  );
  const part = await context.uploads.putPart(upload, input.PartNumber, content);
  const { ChecksumType: _ofTheWhole, ...checksums } = checksumMembers(checksum);
  return { ETag: `"${part.etag}"`, ...encryptionMember(upload.isEncrypted === true), ...checksums };
}

export function checkPartNumber(number: number): void {
  if (Number.isInteger(number) && number >= 1 && number <= s3Limits.objectPartsMax) return;
  throw invalidArgument(
    `Part number must be an integer between 1 and ${s3Limits.objectPartsMax}, inclusive`,
    'partNumber',
    String(number),
  );
}
