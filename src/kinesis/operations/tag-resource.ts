import type { TagResourceInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { changeResource } from '../resources.ts';
import { withTags } from '../tags.ts';

/** Adds tags to a stream or a registered consumer, or gives those it has new values. */
export const tagResource: Handler<TagResourceInput, void> = async (kinesis, input) => {
  await changeResource(kinesis, input, ({ tags, policy }) => ({
    tags: withTags(tags, input.Tags),
    ...(policy !== undefined && { policy }),
  }));
};
