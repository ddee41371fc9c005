import type { UntagResourceInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { changeResource } from '../resources.ts';
import { withoutTags } from '../tags.ts';

/** Removes tags from a stream or a registered consumer; keys that it does not have are no error. */
export const untagResource: Handler<UntagResourceInput, void> = async (kinesis, input) => {
  await changeResource(kinesis, input, ({ tags, policy }) => ({
    tags: withoutTags(tags, input.TagKeys),
    ...(policy !== undefined && { policy }),
  }));
};
