import type {
  ExtendedS3DestinationConfiguration,
  ExtendedS3DestinationDescription,
  ExtendedS3DestinationUpdate,
  S3DestinationConfiguration,
  S3DestinationDescription,
  S3DestinationUpdate,
} from '@aws-sdk/client-firehose';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument, notSupported } from '../errors.ts';
import { firehoseLimits } from '../limits.ts';
import { convertsFormat } from './object-names.ts';
import { checkParts } from './parts.ts';
import { canonicalProcessing, checkProcessingUpdate, updatedProcessing } from './processors.ts';
import type { PlainS3Settings, S3Settings, SourceInfo } from './settings.ts';

type Configuration = Checked<ExtendedS3DestinationConfiguration & S3DestinationConfiguration>;
type Update = Checked<ExtendedS3DestinationUpdate & S3DestinationUpdate>;

/** Throws InvalidArgumentException. */
export function newS3Settings(given: Configuration, info: SourceInfo): S3Settings {
  const { S3BackupConfiguration: backup, ...own } = given;
  const converts = convertsFormat(own);
  const partitions = own.DynamicPartitioningConfiguration?.Enabled === true;
  const { largeBufferMiBDefault, bufferMiBDefault } = firehoseLimits;
  const settings: S3Settings = {
    ...withDefaults(own, converts || partitions ? largeBufferMiBDefault : bufferMiBDefault),
    S3BackupMode: 'Disabled',
    ...own,
    ProcessingConfiguration: updatedProcessing(undefined, own.ProcessingConfiguration),
    ...buffered(own, converts || partitions ? largeBufferMiBDefault : bufferMiBDefault),
    ...(backup !== undefined && { S3BackupDescription: plainSettings(backup) }),
  };
  return checked(settings, info);
}

/** Absent members keep their values. Throws InvalidArgumentException. */
export function updatedS3Settings(present: S3Settings, given: Update, info: SourceInfo): S3Settings {
  const { S3BackupUpdate: backup, ...own } = given;
  if (present.S3BackupMode === 'Enabled' && own.S3BackupMode === 'Disabled') {
    throw invalidArgument('Disabling S3 backup is not currently supported.');
  }
  const partitioned = present.DynamicPartitioningConfiguration?.Enabled === true;
  const { DynamicPartitioningConfiguration: partitioning } = own;
  if (partitioning !== undefined && (partitioning.Enabled === true) !== partitioned) {
    throw invalidArgument(
      'Dynamic partitioning can only be enabled when a delivery stream is created, and not be disabled later.',
    );
  }
  const backupBefore = present.S3BackupDescription;
  const settings: S3Settings = {
    ...present,
    ...own,
    ProcessingConfiguration: updatedProcessing(present.ProcessingConfiguration, own.ProcessingConfiguration),
    ...convertedAs(present.DataFormatConversionConfiguration, own.DataFormatConversionConfiguration),
    ...(backup !== undefined && {
      S3BackupDescription:
        backupBefore === undefined ? plainSettings(backup) : { ...backupBefore, ...backup },
    }),
  };
  checkProcessingUpdate(present.ProcessingConfiguration, settings.ProcessingConfiguration);
  return checked(settings, info);
}

/**
 * As recorded on AWS, members of a conversion that an update omits keep their values, including those of its schema.
 */
function convertedAs(
  present: S3Settings['DataFormatConversionConfiguration'],
  given: S3Settings['DataFormatConversionConfiguration'],
): Pick<S3Settings, 'DataFormatConversionConfiguration'> {
  if (given === undefined) return {};
  const schema = { ...present?.SchemaConfiguration, ...given.SchemaConfiguration };
  const isGiven = present?.SchemaConfiguration !== undefined || given.SchemaConfiguration !== undefined;
  return {
    DataFormatConversionConfiguration: {
      ...present,
      ...given,
      ...(isGiven && { SchemaConfiguration: schema }),
    },
  };
}

export function describeS3(settings: S3Settings): ExtendedS3DestinationDescription {
  return settings;
}

/** The members of the deprecated S3 destination. */
export function s3SettingsOf(settings: S3Settings): S3DestinationDescription {
  const { RoleARN, BucketARN, Prefix, ErrorOutputPrefix, BufferingHints } = settings;
  const { CompressionFormat, EncryptionConfiguration, CloudWatchLoggingOptions } = settings;
  return {
    RoleARN,
    BucketARN,
    Prefix,
    ErrorOutputPrefix,
    BufferingHints,
    CompressionFormat,
    EncryptionConfiguration,
    CloudWatchLoggingOptions,
  };
}

/** Returns the bucket's name from an ARN that the model has checked. */
export function bucketOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

/** Reads the configuration of a backup, or an update that must include all required members. */
export function plainSettings(given: Checked<S3DestinationUpdate>): PlainS3Settings {
  const { RoleARN, BucketARN } = given;
  if (RoleARN === undefined || BucketARN === undefined) {
    throw invalidArgument('A new S3 backup needs a RoleARN and a BucketARN.');
  }
  return { RoleARN, BucketARN, ...withDefaults(given, firehoseLimits.bufferMiBDefault), ...given };
}

function withDefaults(given: Pick<Update, 'BufferingHints'>, sizeMiB: number) {
  return {
    CompressionFormat: 'UNCOMPRESSED' as const,
    EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' as const },
    CloudWatchLoggingOptions: { Enabled: false },
    ...buffered(given, sizeMiB),
  };
}

function buffered({ BufferingHints }: Pick<Update, 'BufferingHints'>, sizeMiB: number) {
  const { bufferSecondsDefault } = firehoseLimits;
  return {
    BufferingHints: BufferingHints ?? { SizeInMBs: sizeMiB, IntervalInSeconds: bufferSecondsDefault },
  };
}

function checked(settings: S3Settings, info: SourceInfo): S3Settings {
  checkPlain(settings);
  checkBackup(settings);
  checkPartitioning(settings);
  checkParts(settings, info.streamName);
  const { ProcessingConfiguration = {}, RoleARN } = settings;
  return { ...settings, ProcessingConfiguration: canonicalProcessing(ProcessingConfiguration, RoleARN) };
}

/** The settings that an S3 destination and a backup share. */
export function checkPlain(settings: PlainS3Settings): void {
  const { SizeInMBs, IntervalInSeconds } = settings.BufferingHints;
  if (SizeInMBs === undefined || IntervalInSeconds === undefined) {
    throw invalidArgument(
      'BufferingHints: if you specify SizeInMBs or IntervalInSeconds, you must specify both.',
    );
  }
  if (settings.EncryptionConfiguration.KMSEncryptionConfig !== undefined) {
    throw notSupported(
      'KMSEncryptionConfig: it has no key management service; the default encryption of the bucket holds',
    );
  }
  const logging = settings.CloudWatchLoggingOptions;
  if (logging?.Enabled !== true) return;
  if ((logging.LogGroupName ?? '') === '' || (logging.LogStreamName ?? '') === '') {
    throw invalidArgument('CloudWatchLoggingOptions: LogGroupName and LogStreamName must be specified.');
  }
  const { logGroupNameLengthMax: max } = firehoseLimits;
  if (encodeURIComponent(logging.LogGroupName ?? '').length > max) {
    throw invalidArgument(
      `CloudWatchLoggingOptions: LogGroupName must not be longer than ${max} characters, of which / and # count three.`,
    );
  }
}

function checkBackup({ S3BackupMode, S3BackupDescription }: S3Settings): void {
  if (S3BackupDescription !== undefined) checkPlain(S3BackupDescription);
  if (S3BackupMode === 'Enabled' && S3BackupDescription === undefined) {
    throw invalidArgument('S3BackupConfiguration must be specified when S3BackupMode is Enabled.');
  }
}

function checkPartitioning(settings: S3Settings): void {
  if (settings.DynamicPartitioningConfiguration?.Enabled !== true) return;
  const { largeBufferMiBMin } = firehoseLimits;
  const { SizeInMBs = 0 } = settings.BufferingHints;
  if (SizeInMBs < largeBufferMiBMin) {
    throw invalidArgument(
      `BufferingHints.SizeInMBs must be at least ${largeBufferMiBMin} when Dynamic Partitioning is enabled.`,
    );
  }
}
