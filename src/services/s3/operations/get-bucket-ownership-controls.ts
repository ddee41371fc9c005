import type { GetBucketOwnershipControlsOutput, GetBucketOwnershipControlsRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchOwnershipControls } from '../errors.ts';

/** Returns the ownership controls of a bucket; by default BucketOwnerEnforced. All callers are one account. */
export function getBucketOwnershipControls(
  context: S3Context,
  input: Checked<GetBucketOwnershipControlsRequest>,
): GetBucketOwnershipControlsOutput {
  const { ownership = 'BucketOwnerEnforced' } = context.buckets.require(input.Bucket);
  if (ownership === null) throw noSuchOwnershipControls(input.Bucket);
  return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } };
}
