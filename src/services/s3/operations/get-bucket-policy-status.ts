import type { GetBucketPolicyStatusRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchBucketPolicy } from '../errors.ts';

/** Always NoSuchBucketPolicy: buckets have no policies. */
export function getBucketPolicyStatus(
  context: S3Context,
  input: Checked<GetBucketPolicyStatusRequest>,
): never {
  context.objects.requireBucket(input.Bucket);
  throw noSuchBucketPolicy(input.Bucket);
}
