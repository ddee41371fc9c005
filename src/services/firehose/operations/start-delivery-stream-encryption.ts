import type {
  StartDeliveryStreamEncryptionInput,
  StartDeliveryStreamEncryptionOutput,
} from '@aws-sdk/client-firehose';
import { newEncryption } from '../configuration/encryption.ts';
import type { Handler } from '../context.ts';
import { refuseKinesisSource } from '../encryption-source.ts';

/**
 * Encrypts new records at rest. Differs from AWS: nagare has no key management service, so the key is derived from the
 * server's master key. A KeyARN is only stored and returned.
 */
export const startDeliveryStreamEncryption: Handler<
  StartDeliveryStreamEncryptionInput,
  StartDeliveryStreamEncryptionOutput
> = async ({ deliveryStreams }, input) => {
  const { DeliveryStreamName, DeliveryStreamEncryptionConfigurationInput: given } = input;
  refuseKinesisSource(deliveryStreams.requireActive(DeliveryStreamName).row);
  const encryption = newEncryption(given);
  await deliveryStreams.change(DeliveryStreamName, (row) => ({ ...row, encryption }));
  return {};
};
