import { randomUUID } from 'node:crypto';
import type { ChannelLoggingConfiguration, CreateChannelInput } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument } from '../errors.ts';
import type { Stream } from '../streams/stream.ts';
import { withTags } from '../streams/tags.ts';
import { checkDeadLetterPrefix, checkKeyTemplate, DEFAULT_KEY_TEMPLATE } from './key-template.ts';
import type { ChannelRow, RecordFormat } from './rows.ts';

type Input = Checked<CreateChannelInput>;

/** Builds the requested channel. Throws InvalidArgumentException, also for options that nagare does not support. */
export function newChannel(input: Input, stream: Stream, nowMs: number): Omit<ChannelRow, 'status'> {
  const { storage: given, deadLetters, freshnessSeconds } = destinationOf(input);
  const name = input.ChannelName;
  const id = randomUUID();
  const { CloudWatchLogs: logs } = input.LoggingConfiguration ?? {};
  const tags = withTags({}, input.Tags ?? {});
  const storage = {
    ...bucketOf(given),
    keyTemplate: given.OutputKeyTemplate ?? DEFAULT_KEY_TEMPLATE,
    compression: given.CompressionType,
  };
  const channel = {
    id,
    name,
    createdMs: nowMs,
    roleArn: input.ServiceExecutionRoleARN,
    stream: { id: stream.id, name: stream.name, arn: stream.arn, createdMs: stream.row.createdMs },
    format: formatOf(input),
    freshnessSeconds,
    storage,
    deadLetters: {
      ...bucketOf(deadLetters ?? given),
      prefix: deadLetters?.ErrorOutputPrefix ?? `kinesis-channel/errors/${name}/${id}/`,
    },
    logging: {
      groupName: logs?.LogGroupName ?? `/aws/kinesis/${name}/${id}`,
      streamName: logs?.LogStreamName ?? 'DestinationDelivery',
    },
    tags,
  };
  checkKeyTemplate(channel);
  checkDeadLetterPrefix(channel);
  return channel;
}

/** Throws InvalidArgumentException if the freshness is out of bounds; AWS's own minimum is 300 seconds. */
export function checkFreshness(seconds: number): void {
  const max = kinesisLimits.channelFreshnessSecondsMax;
  if (seconds < 1 || seconds > max) {
    throw invalidArgument(`DataFreshnessInSeconds must be between 1 and ${max}, and is ${seconds}.`);
  }
}

/** Throws InvalidArgumentException: deliveries log to the server's log. */
export function refuseLogging(logging: Checked<ChannelLoggingConfiguration> | undefined): void {
  if (logging?.CloudWatchLogs.Enabled === true) {
    throw invalidArgument('nagare does not support LoggingConfiguration.CloudWatchLogs of channels yet.');
  }
}

function destinationOf(input: Input) {
  const { S3DestinationConfiguration: s3, S3TablesDestinationConfiguration: tables } = input;
  if ((s3 === undefined) === (tables === undefined)) {
    throw invalidArgument(
      'Exactly one of S3DestinationConfiguration and S3TablesDestinationConfiguration must be specified.',
    );
  }
  if (s3 === undefined) {
    throw invalidArgument(
      'nagare does not support S3TablesDestinationConfiguration yet: channels deliver to S3.',
    );
  }
  if (input.EncryptionConfiguration !== undefined) {
    throw invalidArgument('nagare does not support EncryptionConfiguration of channels yet.');
  }
  refuseLogging(input.LoggingConfiguration);
  const { StorageConfiguration: storage, DeadLetterQueueS3Configuration: deadLetters } = s3;
  if ((storage.StorageClass ?? 'STANDARD') !== 'STANDARD') {
    throw invalidArgument(`nagare does not support the StorageClass ${storage.StorageClass} yet.`);
  }
  const freshnessSeconds = s3.DataFreshnessInSeconds ?? kinesisLimits.channelFreshnessSecondsDefault;
  checkFreshness(freshnessSeconds);
  return { storage, deadLetters, freshnessSeconds };
}

function formatOf(input: Input): RecordFormat {
  const { RecordFormatType, GSRSchemaARN } = input.StreamConfigurationList[0]?.RecordConfiguration ?? {};
  if (RecordFormatType === undefined || RecordFormatType === 'GSR_JSON') {
    throw invalidArgument(
      'RecordFormatType GSR_JSON is only supported for S3TablesDestinationConfiguration.',
    );
  }
  if (GSRSchemaARN !== undefined) {
    throw invalidArgument('GSRSchemaARN is only supported for S3TablesDestinationConfiguration.');
  }
  return RecordFormatType;
}

function bucketOf(given: { readonly BucketARN: string; readonly ExpectedBucketOwner: string }) {
  const bucket = given.BucketARN.slice(given.BucketARN.lastIndexOf(':') + 1);
  return { bucket, bucketArn: given.BucketARN, bucketOwner: given.ExpectedBucketOwner };
}
