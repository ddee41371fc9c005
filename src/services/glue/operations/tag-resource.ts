import type { TagResourceRequest, TagResourceResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { taggedDatabase, withGlueTags } from '../tags.ts';

/** Adds or overwrites tags of a database. */
export async function tagResource(
  { catalog }: GlueContext,
  { ResourceArn, TagsToAdd }: Checked<TagResourceRequest>,
): Promise<TagResourceResponse> {
  await catalog.updateDatabase(taggedDatabase(ResourceArn), (row) => ({
    ...row,
    tags: withGlueTags(row.tags, TagsToAdd),
  }));
  return {};
}
