import type { UpdateChannelInput, UpdateChannelOutput } from '@aws-sdk/client-kinesis';
import { describeChannel } from '../channels/describe.ts';
import { checkFreshness, refuseLogging } from '../channels/new-channel.ts';
import type { ChannelRow } from '../channels/rows.ts';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import type { Checked } from '../../../protocol/service.ts';

/**
 * Changes the freshness of a channel, which also applies to records not delivered yet, and the names of its log, which
 * is disabled. Nothing else of a channel can be changed.
 */
export const updateChannel: Handler<UpdateChannelInput, UpdateChannelOutput> = async (
  { channels },
  input,
) => {
  const { ChannelARN, LoggingConfiguration: logging } = input;
  const destination = destinationOf(input, channels.byArn(ChannelARN));
  refuseLogging(logging);
  if (destination !== undefined) checkFreshness(destination.DataFreshnessInSeconds);
  const { LogGroupName: groupName, LogStreamName: streamName } = logging?.CloudWatchLogs ?? {};
  const channel = await channels.update(ChannelARN, {
    ...(destination !== undefined && { freshnessSeconds: destination.DataFreshnessInSeconds }),
    logging: {
      ...(groupName !== undefined && { groupName }),
      ...(streamName !== undefined && { streamName }),
    },
  });
  return { ChannelDescription: describeChannel(channels, channel) };
};

function destinationOf(input: Checked<UpdateChannelInput>, { table }: ChannelRow) {
  const { S3DestinationConfiguration: s3, S3TablesDestinationConfiguration: tables } = input;
  if (s3 !== undefined && table !== undefined) {
    throw invalidArgument('S3DestinationConfiguration does not match the channel: it delivers to S3 Tables.');
  }
  if (tables !== undefined && table === undefined) {
    throw invalidArgument('S3TablesDestinationConfiguration does not match the channel: it delivers to S3.');
  }
  const destination = s3 ?? tables;
  if (destination !== undefined || input.LoggingConfiguration !== undefined) return destination;
  const configuration =
    table === undefined ? 'S3DestinationConfiguration' : 'S3TablesDestinationConfiguration';
  throw invalidArgument(`Either ${configuration} or LoggingConfiguration must be specified.`);
}
