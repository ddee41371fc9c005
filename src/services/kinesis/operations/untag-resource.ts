import type { UntagResourceInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { changeTags } from '../streams/tags-and-policies.ts';
import { withoutTags } from '../streams/tags.ts';

/** Removes tags from a stream, a registered consumer or a channel. Keys that it does not have are ignored. */
export const untagResource: Handler<UntagResourceInput, void> = async (kinesis, input) => {
  await changeTags(kinesis, input, (tags) => withoutTags(tags, input.TagKeys));
};
