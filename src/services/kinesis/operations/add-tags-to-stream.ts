import type { AddTagsToStreamInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { withTags } from '../streams/tags.ts';

/** Adds or overwrites tags of a stream. */
export const addTagsToStream: Handler<AddTagsToStreamInput, void> = async ({ streams }, input) => {
  const stream = streams.resolve(input);
  await streams.change(stream, (row) => ({ ...row, tags: withTags(row.tags, input.Tags) }));
};
