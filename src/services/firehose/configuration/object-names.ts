import { COMPRESSIONS } from '../../../delivery/compress.ts';
import { ObjectNames } from '../../../delivery/object-name.ts';
import type { PlainS3Settings, S3Settings } from './settings.ts';

/** Compression formats by their names in a configuration. */
export const COMPRESSION_NAMES = {
  UNCOMPRESSED: 'NONE',
  GZIP: 'GZIP',
  ZIP: 'ZIP',
  Snappy: 'SNAPPY',
  HADOOP_SNAPPY: 'HADOOP_SNAPPY',
} as const;

type NamedSettings = PlainS3Settings &
  Pick<
    S3Settings,
    | 'CustomTimeZone'
    | 'FileExtension'
    | 'DynamicPartitioningConfiguration'
    | 'DataFormatConversionConfiguration'
  >;

/** Throws DeliveryConfigurationError. */
export function objectNames(settings: NamedSettings, streamName: string): ObjectNames {
  const { Prefix, ErrorOutputPrefix, CustomTimeZone, FileExtension, CompressionFormat } = settings;
  const converts = convertsFormat(settings);
  return new ObjectNames({
    streamName,
    prefix: Prefix,
    errorOutputPrefix: ErrorOutputPrefix,
    timeZone: CustomTimeZone === '' ? undefined : CustomTimeZone,
    extension:
      FileExtension || (converts ? '.parquet' : COMPRESSIONS[COMPRESSION_NAMES[CompressionFormat]].extension),
    dynamicPartitioning: settings.DynamicPartitioningConfiguration?.Enabled === true,
  });
}

export function convertsFormat({
  DataFormatConversionConfiguration: conversion,
}: Partial<Pick<S3Settings, 'DataFormatConversionConfiguration'>>): boolean {
  return conversion !== undefined && conversion.Enabled !== false;
}
