import type {
  IcebergDestinationConfiguration,
  IcebergDestinationDescription,
  IcebergDestinationUpdate,
} from '@aws-sdk/client-firehose';
import { DeliveryConfigurationError } from '../../../delivery/configuration-error.ts';
import type { Checked } from '../../../protocol/service.ts';
import { processingSettings, type ProcessingSettings } from '../../../delivery/processing/configuration.ts';
import { invalidArgument, notSupported } from '../errors.ts';
import { firehoseLimits } from '../limits.ts';
import { objectNames } from './object-names.ts';
import { canonicalProcessing, checkProcessingUpdate, updatedProcessing } from './processors.ts';
import { checkPlain, plainSettings } from './s3.ts';
import type { PlainS3Settings, SourceInfo } from './settings.ts';

type Configuration = Checked<IcebergDestinationConfiguration>;
type Update = Checked<IcebergDestinationUpdate>;

/** Settings in the form that Describe returns, with all defaults. */
export type IcebergSettings = Omit<Checked<IcebergDestinationDescription>, 'S3DestinationDescription'> & {
  readonly BufferingHints: PlainS3Settings['BufferingHints'];
  readonly CatalogConfiguration: { readonly CatalogARN: string; readonly WarehouseLocation?: string };
  readonly S3DestinationDescription: PlainS3Settings;
};

export type TableSettings = NonNullable<IcebergSettings['DestinationTableConfigurationList']>[number];

/** The keys by which jq queries and functions route a record to a table. */
export const TABLE_KEYS = ['destinationDatabaseName', 'destinationTableName', 'operation'] as const;

/** Throws InvalidArgumentException. */
export function newIcebergSettings(given: Configuration, info: SourceInfo): IcebergSettings {
  const { S3Configuration: s3, CatalogConfiguration: catalog, ...own } = given;
  const { bufferMiBDefault, bufferSecondsDefault, icebergRetrySecondsDefault } = firehoseLimits;
  const settings: IcebergSettings = {
    AppendOnly: false,
    BufferingHints: { SizeInMBs: bufferMiBDefault, IntervalInSeconds: bufferSecondsDefault },
    CloudWatchLoggingOptions: { Enabled: false },
    RetryOptions: { DurationInSeconds: icebergRetrySecondsDefault },
    S3BackupMode: 'FailedDataOnly',
    ...own,
    ProcessingConfiguration: updatedProcessing(undefined, own.ProcessingConfiguration),
    CatalogConfiguration: catalogOf(catalog),
    S3DestinationDescription: plainSettings(s3),
  };
  return checked(settings, info);
}

/** Absent members keep their values. Throws InvalidArgumentException. */
export function updatedIcebergSettings(
  present: IcebergSettings,
  given: Update,
  info: SourceInfo,
): IcebergSettings {
  const { S3Configuration: s3, CatalogConfiguration: catalog, ...own } = given;
  if (own.AppendOnly !== undefined && own.AppendOnly !== present.AppendOnly) {
    throw invalidArgument('AppendOnly can only be set when a delivery stream is created.');
  }
  const settings: IcebergSettings = {
    ...present,
    ...own,
    ProcessingConfiguration: updatedProcessing(present.ProcessingConfiguration, own.ProcessingConfiguration),
    ...(catalog !== undefined && { CatalogConfiguration: catalogOf(catalog) }),
    ...(s3 !== undefined && { S3DestinationDescription: plainSettings(s3) }),
  };
  checkProcessingUpdate(present.ProcessingConfiguration, settings.ProcessingConfiguration);
  return checked(settings, info);
}

function catalogOf({ CatalogARN, WarehouseLocation }: Configuration['CatalogConfiguration']) {
  if (CatalogARN === undefined) throw invalidArgument('CatalogConfiguration: CatalogARN must be specified.');
  return { CatalogARN, ...(WarehouseLocation !== undefined && { WarehouseLocation }) };
}

/** Throws DeliveryConfigurationError. */
export function icebergProcessing({ ProcessingConfiguration = {} }: IcebergSettings): ProcessingSettings {
  return processingSettings(ProcessingConfiguration, {
    dynamicPartitioning: false,
    partitionKeys: [],
    tableKeys: TABLE_KEYS,
  });
}

/** Settings of a table's error output. */
export function errorSettings(
  { S3DestinationDescription: s3 }: IcebergSettings,
  table?: TableSettings,
): PlainS3Settings {
  const { S3ErrorOutputPrefix: prefix } = table ?? {};
  return prefix === undefined ? s3 : { ...s3, ErrorOutputPrefix: prefix };
}

function checked(settings: IcebergSettings, info: SourceInfo): IcebergSettings {
  checkIceberg(settings, info);
  const { ProcessingConfiguration = {} } = settings;
  const roleArn = settings.RoleARN ?? settings.S3DestinationDescription.RoleARN;
  return { ...settings, ProcessingConfiguration: canonicalProcessing(ProcessingConfiguration, roleArn) };
}

function checkIceberg(settings: IcebergSettings, info: SourceInfo): void {
  checkPlain({ ...settings.S3DestinationDescription, ...loggingAndBuffering(settings) });
  checkPlain(settings.S3DestinationDescription);
  if (settings.S3BackupMode !== 'FailedDataOnly') {
    throw notSupported('S3BackupMode AllData for Iceberg destinations; nor does AWS');
  }
  checkTables(settings);
  try {
    checkRouting(settings, icebergProcessing(settings));
    const tables = [undefined, ...(settings.DestinationTableConfigurationList ?? [])];
    for (const table of tables) objectNames(errorSettings(settings, table), info.streamName);
  } catch (error) {
    if (error instanceof DeliveryConfigurationError) throw invalidArgument(error.message);
    throw error;
  }
}

function loggingAndBuffering({ BufferingHints, CloudWatchLoggingOptions }: IcebergSettings) {
  return { BufferingHints, ...(CloudWatchLoggingOptions !== undefined && { CloudWatchLoggingOptions }) };
}

function checkTables(settings: IcebergSettings): void {
  const { DestinationTableConfigurationList: tables = [], AppendOnly } = settings;
  const names = new Set<string>();
  for (const { DestinationDatabaseName, DestinationTableName, UniqueKeys = [], PartitionSpec } of tables) {
    const name = `${DestinationDatabaseName}.${DestinationTableName}`;
    if (names.has(name)) throw invalidArgument(`DestinationTableConfigurationList has ${name} twice.`);
    names.add(name);
    if (UniqueKeys.length > 0 && AppendOnly !== true) {
      throw notSupported(
        'UniqueKeys: it appends to Iceberg tables, and does not update or delete. Set AppendOnly',
      );
    }
    if ((PartitionSpec?.Identity?.length ?? 0) > 0 && settings.TableCreationConfiguration?.Enabled !== true) {
      throw invalidArgument(
        'PartitionSpec is for tables that are created: enable TableCreationConfiguration.',
      );
    }
  }
}

/** Records without routing information are written to the only table. */
function checkRouting(
  { DestinationTableConfigurationList: tables = [] }: IcebergSettings,
  { lambda, query }: ProcessingSettings,
): void {
  if (lambda !== undefined || query !== undefined || tables.length === 1) return;
  throw invalidArgument(
    'DestinationTableConfigurationList must have exactly one table, unless a Lambda or MetadataExtraction processor ' +
      'names the table of each record.',
  );
}
