import type { DeleteBucketOwnershipControlsRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes the bucket's ownership controls, including the default. */
export async function deleteBucketOwnershipControls(
  context: S3Context,
  input: Checked<DeleteBucketOwnershipControlsRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (info) => ({ ...info, ownership: null }));
}
