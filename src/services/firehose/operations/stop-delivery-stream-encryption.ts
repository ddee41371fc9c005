import type {
  StopDeliveryStreamEncryptionInput,
  StopDeliveryStreamEncryptionOutput,
} from '@aws-sdk/client-firehose';
import type { Handler } from '../context.ts';
import { refuseKinesisSource } from '../encryption-source.ts';

/** Stops encrypting new records at rest. Records that are already encrypted stay encrypted until they are delivered. */
export const stopDeliveryStreamEncryption: Handler<
  StopDeliveryStreamEncryptionInput,
  StopDeliveryStreamEncryptionOutput
> = async ({ deliveryStreams }, { DeliveryStreamName }) => {
  refuseKinesisSource(deliveryStreams.requireActive(DeliveryStreamName).row);
  await deliveryStreams.change(DeliveryStreamName, (row) => ({ ...row, encryption: { enabled: false } }));
  return {};
};
