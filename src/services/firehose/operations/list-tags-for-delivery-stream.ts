import type {
  ListTagsForDeliveryStreamInput,
  ListTagsForDeliveryStreamOutput,
} from '@aws-sdk/client-firehose';
import { tagList } from '../../../aws/tags.ts';
import type { Handler } from '../context.ts';
import { firehoseLimits } from '../limits.ts';

/** Lists the tags of a delivery stream by key, page by page. */
export const listTagsForDeliveryStream: Handler<
  ListTagsForDeliveryStreamInput,
  ListTagsForDeliveryStreamOutput
> = ({ deliveryStreams }, input) => {
  const { ExclusiveStartTagKey = '', Limit = firehoseLimits.tagsMax } = input;
  const { row } = deliveryStreams.require(input.DeliveryStreamName);
  const following = tagList(row.tags).filter(({ Key }) => Key > ExclusiveStartTagKey);
  return { Tags: following.slice(0, Limit), HasMoreTags: following.length > Limit };
};
