import type { UpdateChannelInput, UpdateChannelOutput } from '@aws-sdk/client-kinesis';
import { describeChannel } from '../channels/describe.ts';
import { checkFreshness, refuseLogging } from '../channels/new-channel.ts';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Changes how fresh delivered data is, of what is not delivered yet as well, and the names of the log that is off;
 * nothing else of a channel can change.
 */
export const updateChannel: Handler<UpdateChannelInput, UpdateChannelOutput> = async (
  { channels },
  input,
) => {
  const { ChannelARN, S3DestinationConfiguration: s3, LoggingConfiguration: logging } = input;
  channels.byArn(ChannelARN);
  if (input.S3TablesDestinationConfiguration !== undefined) {
    throw invalidArgument('S3TablesDestinationConfiguration is not that of the channel: it delivers to S3.');
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
