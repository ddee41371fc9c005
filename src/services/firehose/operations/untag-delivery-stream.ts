import type { UntagDeliveryStreamInput, UntagDeliveryStreamOutput } from '@aws-sdk/client-firehose';
import { withoutTags } from '../../../aws/tags.ts';
import type { Handler } from '../context.ts';

/** Removes tags from a delivery stream; those that it does not have are no error. */
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
