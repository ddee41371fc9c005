import type { DeleteBucketOwnershipControlsRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes what was put by PutBucketOwnershipControls, and the default as well. */
export async function deleteBucketOwnershipControls(
  context: S3Context,
  input: Checked<DeleteBucketOwnershipControlsRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (facts) => ({ ...facts, ownership: null }));
}
