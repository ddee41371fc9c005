import type { PutObjectTaggingOutput, PutObjectTaggingRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { objectTags } from '../tags.ts';

/** Replaces the tags of an object. Its ETag and LastModified stay the same. */
export async function putObjectTagging(
  context: S3Context,
  input: Checked<PutObjectTaggingRequest>,
): Promise<PutObjectTaggingOutput> {
  const tags = objectTags(input.Tagging.TagSet);
  await context.objects.setTags(input.Bucket, input.Key, tags);
  return {};
}
