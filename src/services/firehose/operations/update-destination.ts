import type { UpdateDestinationInput, UpdateDestinationOutput } from '@aws-sdk/client-firehose';
import { DESTINATION_ID, updatedDestination } from '../configuration/destination.ts';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Changes the destination. Absent members keep their values. Ranges in progress are finished with the old destination;
 * all other records go to the new one.
 */
export const updateDestination: Handler<UpdateDestinationInput, UpdateDestinationOutput> = async (
  { deliveryStreams },
  input,
) => {
  const { DeliveryStreamName: name, CurrentDeliveryStreamVersionId, DestinationId } = input;
  const startedMs = deliveryStreams.clock.now();
  await deliveryStreams.update(name, CurrentDeliveryStreamVersionId, ({ destination, source }) => {
    if (DestinationId !== DESTINATION_ID) throw invalidArgument(`Destination Id ${DestinationId} not found`);
    return updatedDestination(destination, input, { sourceType: source.type, streamName: name });
  });
  const { metrics } = deliveryStreams.require(name);
  metrics.add('UpdateDeliveryStream.Requests', 'Count', 1);
  metrics.add('UpdateDeliveryStream.Latency', 'Milliseconds', deliveryStreams.clock.now() - startedMs);
  return {};
};
