import { randomUUID } from 'node:crypto';
import type {
  ChannelLoggingConfiguration,
  CreateChannelInput,
  DeadLetterQueueS3Configuration,
  S3DestinationConfiguration,
  S3TablesDestinationConfiguration,
} from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument } from '../errors.ts';
import type { Stream } from '../streams/stream.ts';
import { withTags } from '../streams/tags.ts';
import { checkDeadLetterPrefix, checkKeyTemplate, DEFAULT_KEY_TEMPLATE } from './key-template.ts';
import type { BucketChannelRow, ChannelTable, RecordFormat, TableChannelRow } from './rows.ts';

type Input = Checked<CreateChannelInput>;

/** A channel before it has a state. */
export type NewChannel = Omit<BucketChannelRow, 'status'> | Omit<TableChannelRow, 'status'>;

/** Builds the requested channel. Throws InvalidArgumentException, also for options that nagare does not support. */
export function newChannel(input: Input, stream: Stream, nowMs: number): NewChannel {
  const { S3DestinationConfiguration: s3, S3TablesDestinationConfiguration: tables } = input;
  if (s3 !== undefined && tables === undefined) return bucketChannel(input, s3, stream, nowMs);
  if (tables !== undefined && s3 === undefined) return tableChannel(input, tables, stream, nowMs);
  throw invalidArgument(
    'Exactly one of S3DestinationConfiguration and S3TablesDestinationConfiguration must be specified.',
  );
}

function bucketChannel(
  input: Input,
  s3: Checked<S3DestinationConfiguration>,
  stream: Stream,
  nowMs: number,
): Omit<BucketChannelRow, 'status'> {
  const { StorageConfiguration: given, DeadLetterQueueS3Configuration: deadLetters = given } = s3;
  const common = commonOf(input, stream, nowMs, deadLetters);
  if ((given.StorageClass ?? 'STANDARD') !== 'STANDARD') {
    throw invalidArgument(`nagare does not support the StorageClass ${given.StorageClass} yet.`);
  }
  const storage = {
    ...bucketOf(given),
    keyTemplate: given.OutputKeyTemplate ?? DEFAULT_KEY_TEMPLATE,
    compression: given.CompressionType,
  };
  const freshnessSeconds = freshnessOf(s3);
  const channel = { ...common, format: bucketFormat(input), freshnessSeconds, storage };
  checkKeyTemplate(channel);
  checkDeadLetterPrefix(channel);
  return channel;
}

function tableChannel(
  input: Input,
  tables: Checked<S3TablesDestinationConfiguration>,
  stream: Stream,
  nowMs: number,
): Omit<TableChannelRow, 'status'> {
  const common = commonOf(input, stream, nowMs, tables.DeadLetterQueueS3Configuration);
  checkTableFormat(input);
  const channel = {
    ...common,
    format: 'JSON' as const,
    freshnessSeconds: freshnessOf(tables),
    table: tableOf(tables),
  };
  checkDeadLetterPrefix(channel);
  return channel;
}

function tableOf({
  S3TablesConfigurationList: [table, ...more],
}: Checked<S3TablesDestinationConfiguration>): ChannelTable {
  if (table === undefined || more.length > 0) {
    throw invalidArgument(
      'S3TablesConfigurationList must have one table: a channel delivers to a single table.',
    );
  }
  return {
    bucketArn: table.TableBucketARN,
    namespace: table.Namespace,
    name: table.TableName,
    compression: table.CompressionType,
    // The model has no other transform than TIME_HOUR.
    hoursOf: table.PartitionSpec?.PartitionFields.map(({ SourceName }) => SourceName) ?? [],
  };
}

function commonOf(
  input: Input,
  stream: Stream,
  nowMs: number,
  deadLetters: Checked<DeadLetterQueueS3Configuration>,
) {
  if (input.EncryptionConfiguration !== undefined) {
    throw invalidArgument('nagare does not support EncryptionConfiguration of channels yet.');
  }
  refuseLogging(input.LoggingConfiguration);
  const name = input.ChannelName;
  const id = randomUUID();
  const { CloudWatchLogs: logs } = input.LoggingConfiguration ?? {};
  return {
    id,
    name,
    createdMs: nowMs,
    roleArn: input.ServiceExecutionRoleARN,
    stream: { id: stream.id, name: stream.name, arn: stream.arn, createdMs: stream.row.createdMs },
    deadLetters: {
      ...bucketOf(deadLetters),
      prefix: deadLetters.ErrorOutputPrefix ?? `kinesis-channel/errors/${name}/${id}/`,
    },
    logging: {
      groupName: logs?.LogGroupName ?? `/aws/kinesis/${name}/${id}`,
      streamName: logs?.LogStreamName ?? 'DestinationDelivery',
    },
    tags: withTags({}, input.Tags ?? {}),
  };
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

function freshnessOf({ DataFreshnessInSeconds }: { readonly DataFreshnessInSeconds?: number }): number {
  const seconds = DataFreshnessInSeconds ?? kinesisLimits.channelFreshnessSecondsDefault;
  checkFreshness(seconds);
  return seconds;
}

function bucketFormat(input: Input): RecordFormat {
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

/** AWS takes the columns of a table from its schema registry, which nagare does not have. */
function checkTableFormat(input: Input): void {
  const { RecordFormatType, GSRSchemaARN } = input.StreamConfigurationList[0]?.RecordConfiguration ?? {};
  if (RecordFormatType === 'STRING' || RecordFormatType === 'BYTE_ARRAY') {
    throw invalidArgument(
      `RecordFormatType ${RecordFormatType} is only supported for S3DestinationConfiguration.`,
    );
  }
  if (RecordFormatType !== 'JSON' || GSRSchemaARN !== undefined) {
    throw invalidArgument(
      'nagare does not support AWS Glue Schema Registry yet: use RecordFormatType JSON without GSRSchemaARN. The ' +
        'columns are those of the table, or if it does not exist those of the first records.',
    );
  }
}

function bucketOf(given: { readonly BucketARN: string; readonly ExpectedBucketOwner: string }) {
  const bucket = given.BucketARN.slice(given.BucketARN.lastIndexOf(':') + 1);
  return { bucket, bucketArn: given.BucketARN, bucketOwner: given.ExpectedBucketOwner };
}
