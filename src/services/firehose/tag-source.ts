import type { TaggedResource, TagSource } from '../../aws/tagged-resources.ts';
import { withoutTags } from '../../aws/tags.ts';
import { streamNameOf } from './delivery-stream.ts';
import type { DeliveryStreamList } from './delivery-stream-list.ts';
import type { DeliveryStreams } from './delivery-streams.ts';
import { taggedWith } from './tags.ts';

export function* taggedStreams(deliveryStreams: DeliveryStreamList): Generator<TaggedResource> {
  for (const { name, tags } of deliveryStreams.rows()) yield { arn: deliveryStreams.arnOf(name), tags };
}

/** The tags of delivery streams. */
export function deliveryStreamTags(deliveryStreams: DeliveryStreams): TagSource {
  return {
    resources: () => taggedStreams(deliveryStreams),
    async change(arn, { added, removed }) {
      const list = Object.entries(added).map(([Key, Value]) => ({ Key, Value }));
      await deliveryStreams.change(streamNameOf(arn), (row) => ({
        ...row,
        tags: taggedWith(withoutTags(row.tags, removed), list),
      }));
    },
  };
}
