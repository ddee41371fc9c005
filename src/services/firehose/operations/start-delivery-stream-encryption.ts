import type {
  StartDeliveryStreamEncryptionInput,
  StartDeliveryStreamEncryptionOutput,
} from '@aws-sdk/client-firehose';
import { newEncryption } from '../configuration/encryption.ts';
import type { Handler } from '../context.ts';
import { refuseKinesisSource } from '../encryption-source.ts';

/**
 * Encrypts at rest what is put from now on. Differs from AWS: there is no key management service, so that the key is
 * derived from the server's master key, and a KeyARN is only shown.
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
