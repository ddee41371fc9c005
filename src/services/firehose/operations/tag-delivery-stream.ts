import type { TagDeliveryStreamInput, TagDeliveryStreamOutput } from '@aws-sdk/client-firehose';
import type { Handler } from '../context.ts';
import { taggedWith } from '../tags.ts';

/** Adds or overwrites tags of a delivery stream. */
export const tagDeliveryStream: Handler<TagDeliveryStreamInput, TagDeliveryStreamOutput> = async (
  { deliveryStreams },
  { DeliveryStreamName, Tags },
) => {
  await deliveryStreams.change(DeliveryStreamName, (row) => ({ ...row, tags: taggedWith(row.tags, Tags) }));
  return {};
};
