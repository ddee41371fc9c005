import type { GetObjectTaggingOutput, GetObjectTaggingRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchKey } from '../errors.ts';
import { tagSet } from '../tags.ts';

/** Returns the tags of an object; an empty list when it has none. */
export async function getObjectTagging(
  context: S3Context,
  input: Checked<GetObjectTaggingRequest>,
): Promise<GetObjectTaggingOutput> {
  const meta = await context.objects.head(input.Bucket, input.Key);
  if (meta === undefined) throw noSuchKey(input.Key);
  return { TagSet: tagSet(meta.tags ?? {}) };
}
