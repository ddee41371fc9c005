import type { UntagDeliveryStreamInput, UntagDeliveryStreamOutput } from '@aws-sdk/client-firehose';
import { withoutTags } from '../../../aws/tags.ts';
import type { Handler } from '../context.ts';

/** Removes tags from a delivery stream. Tags that it does not have are ignored. */
export const untagDeliveryStream: Handler<UntagDeliveryStreamInput, UntagDeliveryStreamOutput> = async (
  { deliveryStreams },
  { DeliveryStreamName, TagKeys },
) => {
  await deliveryStreams.change(DeliveryStreamName, (row) => ({
    ...row,
    tags: withoutTags(row.tags, TagKeys),
  }));
  return {};
};
