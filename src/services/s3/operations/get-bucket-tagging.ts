import type { GetBucketTaggingOutput, GetBucketTaggingRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchTagSet } from '../errors.ts';
import { tagSet } from '../tags.ts';

/** Returns the tags of a bucket; NoSuchTagSet when it has none. */
export function getBucketTagging(
  context: S3Context,
  input: Checked<GetBucketTaggingRequest>,
): GetBucketTaggingOutput {
  const { tags } = context.buckets.require(input.Bucket);
  if (tags === undefined) throw noSuchTagSet(input.Bucket);
  return { TagSet: tagSet(tags) };
}
