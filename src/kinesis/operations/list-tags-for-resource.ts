import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { getResource } from '../resources.ts';
import { listTags } from '../tags.ts';

/** Lists the tags of a stream or a registered consumer by key. */
export const listTagsForResource: Handler<ListTagsForResourceInput, ListTagsForResourceOutput> = (
  kinesis,
  input,
) => ({ Tags: listTags(getResource(kinesis, input).tags) });
