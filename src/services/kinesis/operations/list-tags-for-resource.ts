import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { getTags } from '../streams/tags-and-policies.ts';
import { listTags } from '../streams/tags.ts';

/** Lists the tags of a stream, a registered consumer or a channel by key. */
export const listTagsForResource: Handler<ListTagsForResourceInput, ListTagsForResourceOutput> = (
  kinesis,
  input,
) => ({ Tags: listTags(getTags(kinesis, input)) });
