import type { DeleteObjectTaggingOutput, DeleteObjectTaggingRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes all tags of an object. */
export async function deleteObjectTagging(
  context: S3Context,
  input: Checked<DeleteObjectTaggingRequest>,
): Promise<DeleteObjectTaggingOutput> {
  await context.objects.setTags(input.Bucket, input.Key, {});
  return {};
}
