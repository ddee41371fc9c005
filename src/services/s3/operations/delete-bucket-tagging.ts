import type { DeleteBucketTaggingRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes all tags of a bucket. */
export async function deleteBucketTagging(
  context: S3Context,
  input: Checked<DeleteBucketTaggingRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (info) => {
    const { tags: _tags, ...others } = info;
    return others;
  });
}
