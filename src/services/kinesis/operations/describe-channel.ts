import type { DescribeChannelInput, DescribeChannelOutput } from '@aws-sdk/client-kinesis';
import { describeChannel as describe } from '../channels/describe.ts';
import type { Handler } from '../context.ts';

/** Describes a channel: its stream, its destination and its state; one that is FAILED with the reason. */
export const describeChannel: Handler<DescribeChannelInput, DescribeChannelOutput> = (
  { channels },
  { ChannelARN },
) => ({ ChannelDescription: describe(channels, channels.byArn(ChannelARN)) });
