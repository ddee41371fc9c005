import type {
  DataFormatConversionConfiguration,
  Deserializer,
  ParquetSerDe,
  SchemaConfiguration,
} from '@aws-sdk/client-firehose';
import { DeliveryConfigurationError } from '../configuration-error.ts';
import type { ConversionOptions } from './conversion.ts';
import { formatLimits } from './limits.ts';
import type { ParquetOptions } from './parquet-file.ts';
import { serDeRules, type SerDeOptions } from './serde.ts';

const MIB = 1024 * 1024;
const BUFFER_MIB_MIN = 64;

/** The table that the columns come from. */
export interface SchemaSource {
  readonly roleArn: string;
  readonly catalogId: string | undefined;
  readonly databaseName: string;
  readonly tableName: string;
  readonly region: string | undefined;
  /** A number, or `LATEST`. */
  readonly versionId: string;
}

export interface FormatConfiguration extends Omit<ConversionOptions, 'columns'> {
  readonly schema: SchemaSource;
}

/** Other settings of the destination that conversion depends on. */
export interface DestinationInfo {
  readonly compressionFormat: string | undefined;
  /** As in the request; undefined means the default. */
  readonly bufferMiB: number | undefined;
}

/**
 * Undefined if conversion is absent or disabled; it is enabled by default. Throws DeliveryConfigurationError with AWS's
 * messages, in AWS's order, as recorded on AWS. ORC is refused by name.
 */
export function readFormatConfiguration(
  configuration: DataFormatConversionConfiguration | undefined,
  { compressionFormat = 'UNCOMPRESSED', bufferMiB }: DestinationInfo,
): FormatConfiguration | undefined {
  if (configuration === undefined || configuration.Enabled === false) return undefined;
  if (compressionFormat !== 'UNCOMPRESSED') {
    throw new DeliveryConfigurationError(
      "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled. To enable compression within the converted output format, set the appropriate serialization option in the output format configuration.",
    );
  }
  if (bufferMiB !== undefined && bufferMiB < BUFFER_MIB_MIN) {
    throw new DeliveryConfigurationError(
      `BufferingHints.SizeInMBs must be at least ${BUFFER_MIB_MIN} when data format conversion is enabled.`,
    );
  }
  const { InputFormatConfiguration, OutputFormatConfiguration, SchemaConfiguration } = configuration;
  const input = given(InputFormatConfiguration, 'InputFormatConfiguration');
  const output = given(OutputFormatConfiguration, 'OutputFormatConfiguration');
  const schema = given(SchemaConfiguration, 'SchemaConfiguration');
  const serDe = readDeserializer(input.Deserializer);
  const { ParquetSerDe, OrcSerDe } = output.Serializer ?? {};
  if (ParquetSerDe === undefined && OrcSerDe === undefined) {
    throw new DeliveryConfigurationError('Serializer must not be null');
  }
  if (ParquetSerDe !== undefined && OrcSerDe !== undefined) {
    throw new DeliveryConfigurationError('More than one serializer specified. Only one may be chosen.');
  }
  if (ParquetSerDe === undefined) {
    throw new DeliveryConfigurationError('nagare does not support OrcSerDe; use ParquetSerDe');
  }
  return { serDe, parquet: readParquetSerDe(ParquetSerDe), schema: readSchema(schema) };
}

function given<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new DeliveryConfigurationError(`${name} must not be null`);
  return value;
}

function readDeserializer({ OpenXJsonSerDe, HiveJsonSerDe }: Deserializer = {}): SerDeOptions {
  if (OpenXJsonSerDe !== undefined && HiveJsonSerDe !== undefined) {
    throw new DeliveryConfigurationError('More than one deserializer specified. Only one may be chosen.');
  }
  if (OpenXJsonSerDe !== undefined) {
    return {
      kind: 'OpenX',
      caseInsensitive: OpenXJsonSerDe.CaseInsensitive ?? true,
      convertsDots: OpenXJsonSerDe.ConvertDotsInJsonKeysToUnderscores ?? false,
      keyOfColumn: OpenXJsonSerDe.ColumnToJsonKeyMappings ?? {},
    };
  }
  if (HiveJsonSerDe === undefined) throw new DeliveryConfigurationError('Deserializer must not be null');
  const timestampFormats = HiveJsonSerDe.TimestampFormats ?? [];
  if (timestampFormats.length > formatLimits.timestampFormatsMax) {
    throw new DeliveryConfigurationError(
      `Invalid deserializer option(s): there can be at most ${formatLimits.timestampFormatsMax} timestamp formats`,
    );
  }
  const options: SerDeOptions = { kind: 'Hive', timestampFormats };
  serDeRules(options);
  return options;
}

/** Fills in the API's defaults. The model has checked the bounds. */
function readParquetSerDe(given: ParquetSerDe): ParquetOptions {
  return {
    compression: given.Compression ?? 'SNAPPY',
    blockSizeBytes: given.BlockSizeBytes ?? 256 * MIB,
    pageSizeBytes: given.PageSizeBytes ?? MIB,
    hasDictionaries: given.EnableDictionaryCompression ?? false,
    maxPaddingBytes: given.MaxPaddingBytes ?? 0,
    writerVersion: given.WriterVersion ?? 'V1',
  };
}

function readSchema(schema: SchemaConfiguration): SchemaSource {
  return {
    // The spelling is that of AWS's message.
    roleArn: member(schema.RoleARN, 'RoleArn'),
    databaseName: member(schema.DatabaseName, 'DatabaseName'),
    tableName: member(schema.TableName, 'TableName'),
    catalogId: schema.CatalogId,
    region: schema.Region,
    versionId: schema.VersionId ?? 'LATEST',
  };
}

function member(value: string | undefined, name: string): string {
  if (value === undefined || value === '') {
    throw new DeliveryConfigurationError(`SchemaConfiguration.${name} must not be null or empty`);
  }
  return value;
}
