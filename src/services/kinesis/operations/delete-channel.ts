import type { DeleteChannelInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';

/** Deletes a channel: it delivers nothing more, not even records already read. Delivered objects stay. */
export const deleteChannel: Handler<DeleteChannelInput, void> = async ({ channels }, { ChannelARN }) => {
  await channels.delete(ChannelARN);
};
