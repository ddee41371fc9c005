import type {
  StopDeliveryStreamEncryptionInput,
  StopDeliveryStreamEncryptionOutput,
} from '@aws-sdk/client-firehose';
import type { Handler } from '../context.ts';
import { refuseKinesisSource } from '../encryption-source.ts';

/** Stores what is put from now on as it is. What is encrypted already stays so until it is delivered. */
export const stopDeliveryStreamEncryption: Handler<
  StopDeliveryStreamEncryptionInput,
  StopDeliveryStreamEncryptionOutput
> = async ({ deliveryStreams }, { DeliveryStreamName }) => {
  refuseKinesisSource(deliveryStreams.requireActive(DeliveryStreamName).row);
  await deliveryStreams.change(DeliveryStreamName, (row) => ({ ...row, encryption: { enabled: false } }));
  return {};
};
