import type { DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput } from '@aws-sdk/client-firehose';
import type { Handler } from '../context.ts';
import { describe } from '../describe.ts';

/** Describes a delivery stream. It has one destination, so Limit never applies. */
export const describeDeliveryStream: Handler<DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput> = (
  { deliveryStreams },
  { DeliveryStreamName, ExclusiveStartDestinationId, Limit: _Limit },
) => {
  const startedMs = deliveryStreams.clock.now();
  const stream = deliveryStreams.require(DeliveryStreamName);
  const DeliveryStreamDescription = describe(deliveryStreams, stream, ExclusiveStartDestinationId);
  stream.metrics.add('DescribeDeliveryStream.Requests', 'Count', 1);
  stream.metrics.add(
    'DescribeDeliveryStream.Latency',
    'Milliseconds',
    deliveryStreams.clock.now() - startedMs,
  );
  return { DeliveryStreamDescription };
};
