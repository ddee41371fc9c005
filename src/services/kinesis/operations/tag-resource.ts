import type { TagResourceInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { changeTags } from '../streams/tags-and-policies.ts';
import { withTags } from '../streams/tags.ts';

/** Adds or overwrites tags of a stream, a registered consumer or a channel. */
export const tagResource: Handler<TagResourceInput, void> = async (kinesis, input) => {
  await changeTags(kinesis, input, (tags) => withTags(tags, input.Tags));
};
