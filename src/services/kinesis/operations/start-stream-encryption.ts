import type { StartStreamEncryptionInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Encrypts at rest what is put from now on. Differs from AWS: there is no key management service, so any KeyId is
 * taken and shown, and the key comes from the server's own key store, one for each stream.
 */
export const startStreamEncryption: Handler<StartStreamEncryptionInput, void> = async (
  { streams },
  input,
) => {
  if (input.EncryptionType !== 'KMS') throw invalidArgument('The only valid EncryptionType is KMS.');
  const stream = streams.resolve(input);
  await streams.change(stream, (row) => ({ ...row, encryptionKeyId: input.KeyId }), { updating: true });
};
