import type { StartStreamEncryptionInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Encrypts records put from now on at rest. Unlike on AWS there is no key management service: any KeyId is accepted and
 * returned, and the key comes from the server's key store, one per stream.
 */
export const startStreamEncryption: Handler<StartStreamEncryptionInput, void> = async (
  { streams },
  input,
) => {
  if (input.EncryptionType !== 'KMS') throw invalidArgument('The only valid EncryptionType is KMS.');
  const stream = streams.resolve(input);
  await streams.change(stream, (row) => ({ ...row, encryptionKeyId: input.KeyId }), { updating: true });
};
