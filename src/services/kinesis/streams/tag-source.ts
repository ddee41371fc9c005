import type { TaggedResource, TagSource } from '../../../aws/tagged-resources.ts';
import type { Kinesis, KinesisReads } from '../context.ts';
import { consumersOf } from '../read/consumers.ts';
import { withoutTags, withTags } from './tags.ts';
import { changeTags } from './tags-and-policies.ts';

export function* taggedStreams(kinesis: KinesisReads): Generator<TaggedResource> {
  for (const stream of kinesis.streams.all()) {
    yield { arn: stream.arn, tags: stream.row.tags };
    for (const { arn, row } of consumersOf(kinesis, stream)) yield { arn, tags: row.tags };
  }
  for (const row of kinesis.channels.list()) yield { arn: kinesis.channels.arn(row), tags: row.tags };
}

/** The tags of streams, consumers and channels. */
export function streamTags(kinesis: Kinesis): TagSource {
  return {
    resources: () => taggedStreams(kinesis),
    change: (arn, { added, removed }) =>
      changeTags(kinesis, { ResourceARN: arn }, (tags) => withTags(withoutTags(tags, removed), added)),
  };
}
