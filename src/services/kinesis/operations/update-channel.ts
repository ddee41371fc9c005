import type { UpdateChannelInput, UpdateChannelOutput } from '@aws-sdk/client-kinesis';
import { describeChannel } from '../channels/describe.ts';
import { checkFreshness, refuseLogging } from '../channels/new-channel.ts';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Changes the freshness of a channel, which also applies to records not delivered yet, and the names of its log, which
 * is disabled. Nothing else of a channel can be changed.
 */
export const updateChannel: Handler<UpdateChannelInput, UpdateChannelOutput> = async (
  { channels },
  input,
) => {
  const { ChannelARN, S3DestinationConfiguration: s3, LoggingConfiguration: logging } = input;
  channels.byArn(ChannelARN);
  if (input.S3TablesDestinationConfiguration !== undefined) {
    throw invalidArgument('S3TablesDestinationConfiguration does not match the channel: it delivers to S3.');
  }
  if (s3 === undefined && logging === undefined) {
    throw invalidArgument('Either S3DestinationConfiguration or LoggingConfiguration must be specified.');
  }
  refuseLogging(logging);
  if (s3 !== undefined) checkFreshness(s3.DataFreshnessInSeconds);
  const { LogGroupName: groupName, LogStreamName: streamName } = logging?.CloudWatchLogs ?? {};
  const channel = await channels.update(ChannelARN, {
    ...(s3 !== undefined && { freshnessSeconds: s3.DataFreshnessInSeconds }),
    logging: {
      ...(groupName !== undefined && { groupName }),
      ...(streamName !== undefined && { streamName }),
    },
  });
  return { ChannelDescription: describeChannel(channels, channel) };
};
