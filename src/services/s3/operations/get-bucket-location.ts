import type { GetBucketLocationOutput, GetBucketLocationRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Returns the server's region; empty for us-east-1, as on AWS. */
export function getBucketLocation(
  context: S3Context,
  input: Checked<GetBucketLocationRequest>,
): GetBucketLocationOutput {
  context.objects.requireBucket(input.Bucket);
  if (context.region === 'us-east-1') return {};
  // The configured region may be one that the SDK does not list.
  return { LocationConstraint: context.region as NonNullable<GetBucketLocationOutput['LocationConstraint']> };
}
