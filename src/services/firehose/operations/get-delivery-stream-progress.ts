import type { GetDeliveryStreamProgressInput, GetDeliveryStreamProgressOutput } from '../api-types.ts';
import type { Handler } from '../context.ts';

/** nagare's own: how many records wait, and why nothing can be delivered. */
export const getDeliveryStreamProgress: Handler<
  GetDeliveryStreamProgressInput,
  GetDeliveryStreamProgressOutput
> = ({ deliveryStreams }, { DeliveryStreamName }) => {
  const { log, pipeline } = deliveryStreams.require(DeliveryStreamName);
  const failure = pipeline?.failure;
  return {
    DeliveryStreamName,
    ...(log !== undefined && {
      WaitingRecords: log.bounds.nextIndex - log.bounds.firstIndex,
      DeliveredUntil: log.bounds.firstIndex,
    }),
    ...(failure !== undefined && { Failure: { Reason: failure.reason, Since: new Date(failure.sinceMs) } }),
  };
};
