import type { ListTagsForStreamInput, ListTagsForStreamOutput } from '@aws-sdk/client-kinesis';
import { awsLimits } from '../../../aws/limits.ts';
import type { ReadHandler } from '../context.ts';
import { tagList } from '../../../aws/tags.ts';

/** Lists a stream's tags by key, in pages. */
export const listTagsForStream: ReadHandler<ListTagsForStreamInput, ListTagsForStreamOutput> = (
  { streams },
  input,
) => {
  const { ExclusiveStartTagKey = '', Limit = awsLimits.tagsMax } = input;
  const following = tagList(streams.resolve(input).row.tags).filter(({ Key }) => Key > ExclusiveStartTagKey);
  return { Tags: following.slice(0, Limit), HasMoreTags: following.length > Limit };
};
