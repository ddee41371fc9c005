import type { DeleteBucketPolicyRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes the policy of a bucket; succeeds when it has none. */
export async function deleteBucketPolicy(
  context: S3Context,
  input: Checked<DeleteBucketPolicyRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (info) => {
    const { policy: _, ...rest } = info;
    return rest;
  });
}
