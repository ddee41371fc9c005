import type { GetBucketLifecycleConfigurationRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchLifecycle } from '../errors.ts';

/** Always NoSuchLifecycleConfiguration: buckets have no lifecycle rules. */
export function getBucketLifecycleConfiguration(
  context: S3Context,
  input: Checked<GetBucketLifecycleConfigurationRequest>,
): never {
  context.objects.requireBucket(input.Bucket);
  throw noSuchLifecycle(input.Bucket);
}
