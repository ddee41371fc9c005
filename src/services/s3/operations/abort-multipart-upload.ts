import type { AbortMultipartUploadOutput, AbortMultipartUploadRequest } from '@aws-sdk/client-s3';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { invocationOf } from '../invocation.ts';

/** Deletes a multipart upload and its parts. A retry of the same call succeeds; another call gets NoSuchUpload. */
export async function abortMultipartUpload(
  context: S3Context,
  input: Checked<AbortMultipartUploadRequest>,
  call: CallContext,
): Promise<AbortMultipartUploadOutput> {
  await context.uploads.abort(input.Bucket, input.Key, input.UploadId, invocationOf(call));
  return {};
}
