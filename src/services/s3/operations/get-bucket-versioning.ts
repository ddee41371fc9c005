import type { GetBucketVersioningOutput, GetBucketVersioningRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Returns that versioning was never enabled: it is not supported. */
export function getBucketVersioning(
  context: S3Context,
  input: Checked<GetBucketVersioningRequest>,
): GetBucketVersioningOutput {
  context.objects.requireBucket(input.Bucket);
  return {};
}
