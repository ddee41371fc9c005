import type {
  GetBucketAccelerateConfigurationOutput,
  GetBucketAccelerateConfigurationRequest,
} from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Returns that transfer acceleration was never enabled: it is not supported. */
export function getBucketAccelerateConfiguration(
  context: S3Context,
  input: Checked<GetBucketAccelerateConfigurationRequest>,
): GetBucketAccelerateConfigurationOutput {
  context.objects.requireBucket(input.Bucket);
  return {};
}
