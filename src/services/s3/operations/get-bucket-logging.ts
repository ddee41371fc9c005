import type { GetBucketLoggingOutput, GetBucketLoggingRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Returns that access logging is disabled: it is not supported. */
export function getBucketLogging(
  context: S3Context,
  input: Checked<GetBucketLoggingRequest>,
): GetBucketLoggingOutput {
  context.objects.requireBucket(input.Bucket);
  return {};
}
