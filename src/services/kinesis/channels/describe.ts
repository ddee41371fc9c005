import type { ChannelDescription, ChannelSummary } from '@aws-sdk/client-kinesis';
import type { Channels } from './channels.ts';
import type { ChannelRow } from './rows.ts';

/** The members that summaries and descriptions share. */
function common(channels: Channels, row: ChannelRow) {
  const status = channels.status(row);
  return {
    ChannelName: row.name,
    ChannelARN: channels.arn(row),
    ChannelId: row.id,
    ChannelStatus: status,
    ChannelCreationTimestamp: new Date(row.createdMs),
    ChannelStatusReason: status === 'FAILED' ? row.failure : undefined,
  };
}

export function describeChannel(channels: Channels, row: ChannelRow): ChannelDescription {
  const { stream, storage, deadLetters, logging } = row;
  return {
    ...common(channels, row),
    ServiceExecutionRoleARN: row.roleArn,
    StreamConfigurationList: [
      {
        StreamARN: stream.arn,
        StreamCreationTimestamp: new Date(stream.createdMs),
        RecordConfiguration: { RecordFormatType: row.format },
      },
    ],
    S3DestinationConfiguration: {
      DataFreshnessInSeconds: row.freshnessSeconds,
      DeadLetterQueueS3Configuration: {
        BucketARN: deadLetters.bucketArn,
        ExpectedBucketOwner: deadLetters.bucketOwner,
        ErrorOutputPrefix: deadLetters.prefix,
      },
      StorageConfiguration: {
        BucketARN: storage.bucketArn,
        ExpectedBucketOwner: storage.bucketOwner,
        CompressionType: storage.compression,
        OutputKeyTemplate: storage.keyTemplate,
        StorageClass: 'STANDARD',
      },
    },
    LoggingConfiguration: {
      CloudWatchLogs: { Enabled: false, LogGroupName: logging.groupName, LogStreamName: logging.streamName },
    },
  };
}

export function summarizeChannel(channels: Channels, row: ChannelRow): ChannelSummary {
  const { arn, createdMs } = row.stream;
  return {
    ...common(channels, row),
    ChannelDestinationType: 'S3',
    Streams: [{ StreamARN: arn, StreamCreationTimestamp: new Date(createdMs) }],
  };
}
