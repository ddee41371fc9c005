import type { GetBucketPolicyStatusOutput, GetBucketPolicyStatusRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import { checkBucketPolicy, isPublic } from '../bucket-policy.ts';
import type { S3Context } from '../context.ts';
import { noSuchBucketPolicy } from '../errors.ts';

/** Returns whether the policy of a bucket is public; NoSuchBucketPolicy when it has none. */
export function getBucketPolicyStatus(
  context: S3Context,
  input: Checked<GetBucketPolicyStatusRequest>,
): GetBucketPolicyStatusOutput {
  const { policy } = context.buckets.require(input.Bucket);
  if (policy === undefined) throw noSuchBucketPolicy(input.Bucket);
  return { PolicyStatus: { IsPublic: isPublic(checkBucketPolicy(policy, input.Bucket)) } };
}
