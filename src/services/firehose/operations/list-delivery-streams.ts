import type { ListDeliveryStreamsInput, ListDeliveryStreamsOutput } from '@aws-sdk/client-firehose';
import type { Handler } from '../context.ts';
import { firehoseLimits } from '../limits.ts';

/** Lists the names of delivery streams in order, page by page. */
export const listDeliveryStreams: Handler<ListDeliveryStreamsInput, ListDeliveryStreamsOutput> = (
  { deliveryStreams },
  input,
) => {
  const { Limit = firehoseLimits.listedDefault, DeliveryStreamType: type } = input;
  const { ExclusiveStartDeliveryStreamName: after = '' } = input;
  const following = deliveryStreams
    .list()
    .filter(({ name, row }) => name > after && (type === undefined || row.source.type === type))
    .map(({ name }) => name);
  return {
    DeliveryStreamNames: following.slice(0, Limit),
    HasMoreDeliveryStreams: following.length > Limit,
  };
};
