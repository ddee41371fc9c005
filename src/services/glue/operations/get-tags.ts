import type { GetTagsRequest, GetTagsResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { taggedDatabase } from '../tags.ts';

/** Lists the tags of a database. */
export function getTags({ catalog }: GlueContext, { ResourceArn }: Checked<GetTagsRequest>): GetTagsResponse {
  return { Tags: catalog.database(taggedDatabase(ResourceArn)).tags };
}
