import type { ChannelDescription, ChannelSummary } from '@aws-sdk/client-kinesis';
import type { Channels } from './channels.ts';
import type { ChannelRow, ChannelTable } from './rows.ts';

/** The members that summaries and descriptions share. */
function common(channels: Channels, row: ChannelRow) {
  const status = channels.status(row);
  return {
    ChannelName: row.name,
    ChannelARN: channels.arn(row),
    ChannelId: row.id,
    ChannelStatus: status,
    ChannelCreationTimestamp: new Date(row.createdMs),
    ChannelStatusReason: channels.reason(row),
  };
}

export function describeChannel(channels: Channels, row: ChannelRow): ChannelDescription {
  const { stream, logging } = row;
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
    ...describeDestination(row),
    LoggingConfiguration: {
      CloudWatchLogs: { Enabled: false, LogGroupName: logging.groupName, LogStreamName: logging.streamName },
    },
  };
}

function describeDestination(row: ChannelRow) {
  const { deadLetters, freshnessSeconds } = row;
  const common = {
    DataFreshnessInSeconds: freshnessSeconds,
    DeadLetterQueueS3Configuration: {
      BucketARN: deadLetters.bucketArn,
      ExpectedBucketOwner: deadLetters.bucketOwner,
      ErrorOutputPrefix: deadLetters.prefix,
    },
  };
  if (row.table !== undefined) {
    return {
      S3TablesDestinationConfiguration: { ...common, S3TablesConfigurationList: [describeTable(row.table)] },
    };
  }
  const { storage } = row;
  return {
    S3DestinationConfiguration: {
      ...common,
      StorageConfiguration: {
        BucketARN: storage.bucketArn,
        ExpectedBucketOwner: storage.bucketOwner,
        CompressionType: storage.compression,
        OutputKeyTemplate: storage.keyTemplate,
        StorageClass: 'STANDARD' as const,
      },
    },
  };
}

function describeTable({ bucketArn, namespace, name, compression, hoursOf }: ChannelTable) {
  const fields = hoursOf.map((SourceName) => ({ SourceName, Transform: 'TIME_HOUR' as const }));
  return {
    TableBucketARN: bucketArn,
    Namespace: namespace,
    TableName: name,
    CompressionType: compression,
    ...(fields.length > 0 && { PartitionSpec: { PartitionFields: fields } }),
  };
}

export function summarizeChannel(channels: Channels, row: ChannelRow): ChannelSummary {
  const { arn, createdMs } = row.stream;
  return {
    ...common(channels, row),
    ChannelDestinationType: row.table === undefined ? 'S3' : 'S3_TABLES',
    Streams: [{ StreamARN: arn, StreamCreationTimestamp: new Date(createdMs) }],
  };
}
