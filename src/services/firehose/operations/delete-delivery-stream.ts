import type { DeleteDeliveryStreamInput, DeleteDeliveryStreamOutput } from '@aws-sdk/client-firehose';
import type { Handler } from '../context.ts';

/**
 * Deletes a delivery stream. Unlike AWS, delivers the direct puts first, without waiting for a buffer to fill; the
 * delivery stream is DELETING until then. With AllowForceDelete they are dropped. Records of a Kinesis stream stay in
 * it. As on AWS, one that is CREATING cannot be deleted.
 */
export const deleteDeliveryStream: Handler<DeleteDeliveryStreamInput, DeleteDeliveryStreamOutput> = async (
  { deliveryStreams },
  { DeliveryStreamName, AllowForceDelete },
) => {
  const stream = deliveryStreams.require(DeliveryStreamName);
  if (deliveryStreams.statusOf(stream.row) === 'CREATING') deliveryStreams.requireActive(DeliveryStreamName);
  await deliveryStreams.delete(DeliveryStreamName, AllowForceDelete === true);
  return {};
};
