import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { getTags } from '../resources.ts';
import { listTags } from '../tags.ts';

/** Lists the tags of a stream, a registered consumer or a channel by key. */
export const listTagsForResource: Handler<ListTagsForResourceInput, ListTagsForResourceOutput> = (
  kinesis,
  input,
) => ({ Tags: listTags(getTags(kinesis, input)) });
