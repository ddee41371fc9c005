import type { FlushDeliveryStreamInput, FlushDeliveryStreamOutput } from '../api-types.ts';
import type { Handler } from '../context.ts';

/**
 * An operation that only nagare has. Delivers the records that have arrived so far without waiting for the buffer to
 * fill, and retries failed deliveries immediately. With RetryOnly, does only the latter. Returns without waiting for
 * the deliveries.
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
