import type { DeliveryStreamEncryptionConfigurationInput } from '@aws-sdk/client-firehose';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument } from '../errors.ts';
import type { Encryption } from '../rows.ts';

/** Throws InvalidArgumentException. The server uses its own key; a KeyARN is only stored and returned. */
export function newEncryption(
  given: Checked<DeliveryStreamEncryptionConfigurationInput> | undefined,
): Encryption {
  const { KeyType: keyType = 'AWS_OWNED_CMK', KeyARN: keyArn } = given ?? {};
  if (keyType === 'CUSTOMER_MANAGED_CMK') {
    if (keyArn === undefined) throw invalidArgument('KeyARN must be specified for CUSTOMER_MANAGED_CMK.');
    return { enabled: true, keyType, keyArn };
  }
  if (keyArn !== undefined) throw invalidArgument('KeyARN must not be specified for AWS_OWNED_CMK.');
  return { enabled: true, keyType };
}
