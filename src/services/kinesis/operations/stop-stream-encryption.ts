import type { StopStreamEncryptionInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';

/** Stops encrypting new records; encrypted ones stay readable. */
export const stopStreamEncryption: Handler<StopStreamEncryptionInput, void> = async ({ streams }, input) => {
  if (input.EncryptionType !== 'KMS') throw invalidArgument('The only valid EncryptionType is KMS.');
  const stream = streams.resolve(input);
  await streams.change(
    stream,
    ({ encryptionKeyId, ...row }) => {
      if (encryptionKeyId !== undefined && encryptionKeyId !== input.KeyId) {
        throw invalidArgument(`Stream ${stream.name} is not encrypted with the key ${input.KeyId}.`);
      }
      return row;
    },
    { updating: true },
  );
};
