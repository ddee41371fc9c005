import type { DeleteStreamInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { resourceInUse } from '../errors.ts';

/**
 * Deletes a stream with all its shards and records. With registered consumers it requires EnforceConsumerDeletion; with
 * channels it is refused.
 */
export const deleteStream: Handler<DeleteStreamInput, void> = async (
  { streams, channels, accountId },
  input,
) => {
  const stream = streams.resolve(input);
  await streams.delete(stream, (transaction) => {
    channels.refuseWithChannels(stream, transaction);
    if (input.EnforceConsumerDeletion === true) return;
    const [consumer] = transaction.entries(streams.tables.consumers, `${stream.id}/`);
    if (consumer !== undefined) {
      throw resourceInUse(
        `Stream ${stream.name} under account ${accountId} has consumers registered. Deregister them first, or ` +
          'set EnforceConsumerDeletion.',
      );
    }
  });
};
