import type {
  GetBucketAccelerateConfigurationOutput,
  GetBucketAccelerateConfigurationRequest,
} from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Says that transfer acceleration was never switched on: it cannot be. */
export function getBucketAccelerateConfiguration(
  context: S3Context,
  input: Checked<GetBucketAccelerateConfigurationRequest>,
): GetBucketAccelerateConfigurationOutput {
  context.objects.requireBucket(input.Bucket);
  return {};
}
