import type { GetBucketPolicyOutput, GetBucketPolicyRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchBucketPolicy } from '../errors.ts';

/** Returns the policy of a bucket; NoSuchBucketPolicy when it has none. */
export function getBucketPolicy(
  context: S3Context,
  input: Checked<GetBucketPolicyRequest>,
): GetBucketPolicyOutput {
  const { policy } = context.buckets.require(input.Bucket);
  if (policy === undefined) throw noSuchBucketPolicy(input.Bucket);
  return { Policy: policy };
}
