import type { GetBucketVersioningOutput, GetBucketVersioningRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Says that versioning was never switched on: it cannot be. */
export function getBucketVersioning(
  context: S3Context,
  input: Checked<GetBucketVersioningRequest>,
): GetBucketVersioningOutput {
  context.objects.requireBucket(input.Bucket);
  return {};
}
