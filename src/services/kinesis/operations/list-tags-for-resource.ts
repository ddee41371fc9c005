import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '@aws-sdk/client-kinesis';
import type { ReadHandler } from '../context.ts';
import { getTags } from '../streams/tags-and-policies.ts';
import { tagList } from '../../../aws/tags.ts';

/** Lists the tags of a stream, a registered consumer or a channel, ordered by key. */
export const listTagsForResource: ReadHandler<ListTagsForResourceInput, ListTagsForResourceOutput> = (
  kinesis,
  input,
) => ({ Tags: tagList(getTags(kinesis, input)) });
