import type { FlushDeliveryStreamInput, FlushDeliveryStreamOutput } from '../api-types.ts';
import type { Handler } from '../context.ts';

/**
 * nagare's own: delivers what has arrived until now, without waiting for the buffer to fill, and tries at once what
 * failed; with RetryOnly only the latter. It does not wait for it.
 */
export const flushDeliveryStream: Handler<FlushDeliveryStreamInput, FlushDeliveryStreamOutput> = (
  { deliveryStreams },
  { DeliveryStreamName, RetryOnly },
) => {
  const { pipeline, log } = deliveryStreams.require(DeliveryStreamName);
  const until = log?.bounds.nextIndex;
  if (RetryOnly === true) pipeline?.retry();
  else pipeline?.flush();
  return until === undefined ? {} : { UndeliveredUntil: until };
};
