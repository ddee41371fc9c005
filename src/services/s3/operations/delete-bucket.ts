import type { DeleteBucketRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Deletes an empty bucket, with its multipart uploads. */
export async function deleteBucket(context: S3Context, input: Checked<DeleteBucketRequest>): Promise<void> {
  await context.buckets.delete(input.Bucket);
  await context.uploads.abortAll(input.Bucket);
}
