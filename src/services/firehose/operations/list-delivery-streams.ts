import type { ListDeliveryStreamsInput, ListDeliveryStreamsOutput } from '@aws-sdk/client-firehose';
import type { ReadHandler } from '../context.ts';
import { firehoseLimits } from '../limits.ts';

/** Lists the names of delivery streams in order, page by page. */
export const listDeliveryStreams: ReadHandler<ListDeliveryStreamsInput, ListDeliveryStreamsOutput> = (
  { deliveryStreams },
  input,
) => {
  const { Limit = firehoseLimits.listedDefault, DeliveryStreamType: type } = input;
  const { ExclusiveStartDeliveryStreamName: after = '' } = input;
  const following = Array.from(deliveryStreams.rows())
    .filter(({ name, source }) => name > after && (type === undefined || source.type === type))
    .map(({ name }) => name);
  return {
    DeliveryStreamNames: following.slice(0, Limit),
    HasMoreDeliveryStreams: following.length > Limit,
  };
};
