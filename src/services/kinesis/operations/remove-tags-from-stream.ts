import type { RemoveTagsFromStreamInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { withoutTags } from '../streams/tags.ts';

/** Removes tags from a stream. Keys that it does not have are ignored. */
export const removeTagsFromStream: Handler<RemoveTagsFromStreamInput, void> = async ({ streams }, input) => {
  const stream = streams.resolve(input);
  await streams.change(stream, (row) => ({ ...row, tags: withoutTags(row.tags, input.TagKeys) }));
};
