import type { TagResourceInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { changeTags } from '../streams/tags-and-policies.ts';
import { withTags } from '../streams/tags.ts';

/** Adds tags to a stream, a registered consumer or a channel, or gives those it has new values. */
export const tagResource: Handler<TagResourceInput, void> = async (kinesis, input) => {
  await changeTags(kinesis, input, (tags) => withTags(tags, input.Tags));
};
