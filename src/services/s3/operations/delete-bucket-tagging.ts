import type { DeleteBucketTaggingRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes the tags of a bucket, if it has any. */
export async function deleteBucketTagging(
  context: S3Context,
  input: Checked<DeleteBucketTaggingRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (facts) => {
    const { tags: _tags, ...others } = facts;
    return others;
  });
}
