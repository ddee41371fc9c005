import type { AbortMultipartUploadOutput, AbortMultipartUploadRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Forgets a multipart upload and its parts. */
export async function abortMultipartUpload(
  context: S3Context,
  input: Checked<AbortMultipartUploadRequest>,
): Promise<AbortMultipartUploadOutput> {
  await context.uploads.abort(input.Bucket, input.Key, input.UploadId);
  return {};
}
