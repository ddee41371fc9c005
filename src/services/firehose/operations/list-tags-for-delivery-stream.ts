import type {
  ListTagsForDeliveryStreamInput,
  ListTagsForDeliveryStreamOutput,
} from '@aws-sdk/client-firehose';
import { tagList } from '../../../aws/tags.ts';
import type { ReadHandler } from '../context.ts';
import { firehoseLimits } from '../limits.ts';

/** Lists the tags of a delivery stream by key, page by page. */
export const listTagsForDeliveryStream: ReadHandler<
  ListTagsForDeliveryStreamInput,
  ListTagsForDeliveryStreamOutput
> = ({ deliveryStreams }, input) => {
  const { ExclusiveStartTagKey = '', Limit = firehoseLimits.tagsMax } = input;
  const { tags } = deliveryStreams.requireRow(input.DeliveryStreamName);
  const following = tagList(tags).filter(({ Key }) => Key > ExclusiveStartTagKey);
  return { Tags: following.slice(0, Limit), HasMoreTags: following.length > Limit };
};
