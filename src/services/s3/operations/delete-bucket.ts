import type { DeleteBucketRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes an empty bucket, with the multipart uploads that were begun in it. */
export async function deleteBucket(context: S3Context, input: Checked<DeleteBucketRequest>): Promise<void> {
  await context.buckets.delete(input.Bucket);
  await context.uploads.abortAll(input.Bucket);
}
