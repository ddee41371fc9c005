import type { CreateChannelInput, CreateChannelOutput } from '@aws-sdk/client-kinesis';
import { describeChannel } from '../channels/describe.ts';
import { newChannel } from '../channels/new-channel.ts';
import { onDemandOnly } from '../channels/channels.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { Handler, Kinesis } from '../context.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Creates a channel from an on-demand stream to a general purpose bucket or an Iceberg table; it delivers records put
 * from now on. Schema registries, encryption keys, CloudWatch Logs and storage classes other than STANDARD are refused.
 * Unlike on AWS a stream may have 20 channels, the freshness may be as low as 1 second, and a table may exist already.
 */
export const createChannel = ((kinesis, input) => create(kinesis, input)) satisfies Handler<
  CreateChannelInput,
  CreateChannelOutput
>;

/** With a role, or as `nagare.yaml` declares it, without. */
export async function create(
  kinesis: Kinesis,
  input: Checked<CreateChannelInput>,
  { isUnlimited = false } = {},
): Promise<CreateChannelOutput> {
  const { streams, channels, clock, accountId } = kinesis;
  const [source, ...more] = input.StreamConfigurationList;
  if (source === undefined || more.length > 0) {
    throw invalidArgument(
      'StreamConfigurationList must have one stream: a channel delivers a single stream.',
    );
  }
  const stream = streams.resolve({ StreamARN: source.StreamARN });
  const channel = { ...newChannel(input, stream, clock.now()), ...(isUnlimited && { isUnlimited }) };
  if (stream.row.mode !== 'ON_DEMAND') throw onDemandOnly(stream, accountId);
  return { ChannelDescription: describeChannel(channels, await channels.create(stream, channel)) };
}
