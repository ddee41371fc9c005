import type { DescribeChannelInput, DescribeChannelOutput } from '@aws-sdk/client-kinesis';
import { describeChannel as describe } from '../channels/describe.ts';
import type { Handler } from '../context.ts';

/** Describes a channel: its stream, destination and state, with the reason if it is FAILED. */
export const describeChannel: Handler<DescribeChannelInput, DescribeChannelOutput> = (
  { channels },
  { ChannelARN },
) => ({ ChannelDescription: describe(channels, channels.byArn(ChannelARN)) });
