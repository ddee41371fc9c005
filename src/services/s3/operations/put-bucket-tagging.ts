import type { PutBucketTaggingRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { bucketTags } from '../tags.ts';

/** Replaces the tags of a bucket. */
export async function putBucketTagging(
  context: S3Context,
  input: Checked<PutBucketTaggingRequest>,
): Promise<void> {
  const tags = bucketTags(input.Tagging.TagSet);
  await context.buckets.change(input.Bucket, (info) => ({ ...info, tags }));
}
