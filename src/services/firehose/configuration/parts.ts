import { DeliveryConfigurationError } from '../../../delivery/configuration-error.ts';
import {
  readFormatConfiguration,
  type FormatConfiguration,
} from '../../../delivery/formats/configuration.ts';
import type { ObjectNames } from '../../../delivery/object-name.ts';
import { processingSettings, type ProcessingSettings } from '../../../delivery/processing/configuration.ts';
import { invalidArgument } from '../errors.ts';
import { objectNames } from './object-names.ts';
import type { S3Settings } from './settings.ts';

/** The parts of a delivery that an S3 destination's settings define. */
export interface S3Parts {
  readonly names: ObjectNames;
  readonly processing: ProcessingSettings;
  /** Undefined if records are not converted. */
  readonly format: FormatConfiguration | undefined;
}

/** Throws DeliveryConfigurationError. */
export function partsOf(settings: S3Settings, streamName: string): S3Parts {
  const names = objectNames(settings, streamName);
  const dynamicPartitioning = settings.DynamicPartitioningConfiguration?.Enabled === true;
  const { partitionKeys } = names;
  return {
    names,
    processing: processingSettings(settings.ProcessingConfiguration ?? {}, {
      dynamicPartitioning,
      partitionKeys,
    }),
    format: formatOf(settings),
  };
}

/** Undefined if records are not converted. Throws DeliveryConfigurationError. */
export function formatOf(settings: S3Settings): FormatConfiguration | undefined {
  return readFormatConfiguration(settings.DataFormatConversionConfiguration, {
    compressionFormat: settings.CompressionFormat,
    bufferMiB: settings.BufferingHints.SizeInMBs,
  });
}

/** Throws InvalidArgumentException. */
export function checkParts(settings: S3Settings, streamName: string): void {
  const { S3BackupDescription: backup } = settings;
  try {
    partsOf(settings, streamName);
    if (backup !== undefined) objectNames(backup, streamName);
  } catch (error) {
    if (error instanceof DeliveryConfigurationError) throw invalidArgument(error.message);
    throw error;
  }
}
