import type { UntagResourceRequest, UntagResourceResponse } from '@aws-sdk/client-glue';
import { withoutTags } from '../../../aws/tags.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { taggedDatabase } from '../tags.ts';

/** Removes tags from a database. */
export async function untagResource(
  { catalog }: GlueContext,
  { ResourceArn, TagsToRemove }: Checked<UntagResourceRequest>,
): Promise<UntagResourceResponse> {
  await catalog.updateDatabase(taggedDatabase(ResourceArn), (row) => ({
    ...row,
    tags: withoutTags(row.tags, TagsToRemove),
  }));
  return {};
}
