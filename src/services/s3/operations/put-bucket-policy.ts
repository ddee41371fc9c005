import type { PutBucketPolicyRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import { checkBucketPolicy, refuseBlockedPolicy } from '../bucket-policy.ts';
import type { S3Context } from '../context.ts';

/**
 * Sets the policy of a bucket, replacing an existing one. A public policy is refused while the bucket's public access
 * block has BlockPublicPolicy, as it has by default. Nobody can shut out the root key, so no confirmation is needed.
 */
export async function putBucketPolicy(
  context: S3Context,
  { Bucket: bucket, Policy: policy }: Checked<PutBucketPolicyRequest>,
): Promise<void> {
  context.buckets.require(bucket);
  const statements = checkBucketPolicy(policy, bucket);
  await context.buckets.change(bucket, (info) => {
    refuseBlockedPolicy(info, statements, bucket);
    return { ...info, policy };
  });
}
