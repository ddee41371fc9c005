import type { DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput } from '@aws-sdk/client-firehose';
import type { Handler, ReadHandler } from '../context.ts';
import { describe } from '../describe.ts';

/** Describes a delivery stream. It has one destination, so Limit never applies. */
export const readDeliveryStream: ReadHandler<DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput> = (
  { deliveryStreams },
  { DeliveryStreamName, ExclusiveStartDestinationId, Limit: _Limit },
) => {
  const row = deliveryStreams.requireRow(DeliveryStreamName);
  return { DeliveryStreamDescription: describe(deliveryStreams, row, ExclusiveStartDestinationId) };
};

/** The same, counted in the metrics of the delivery stream. */
export const describeDeliveryStream: Handler<DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput> = (
  context,
  input,
  call,
) => {
  const { deliveryStreams } = context;
  const { clock } = deliveryStreams;
  const startedMs = clock.now();
  const described = readDeliveryStream(context, input, call);
  const { metrics } = deliveryStreams.require(input.DeliveryStreamName);
  metrics.add('DescribeDeliveryStream.Requests', 'Count', 1);
  metrics.add('DescribeDeliveryStream.Latency', 'Milliseconds', clock.now() - startedMs);
  return described;
};
