import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { MappingOptions } from './options.ts';

/** A mapping as the catalog keeps it, under its UUID in `lambda.mappings`. */
export interface MappingRow {
  readonly uuid: string;
  readonly arn: string;
  /** The stream's ARN. */
  readonly streamArn: string;
  /** What the mapping was given: the stream's ARN, or that of one of its registered consumers. */
  readonly sourceArn: string;
  readonly functionName: string;
  /** As the mapping was given it: with `:$LATEST` or without. */
  readonly functionArn: string;
  readonly enabled: boolean;
  readonly options: MappingOptions;
  readonly start:
    | { readonly type: 'TRIM_HORIZON' | 'LATEST' }
    | { readonly type: 'AT_TIMESTAMP'; readonly timestampMs: number };
  readonly lastModifiedMs: number;
  /** Its deletion was answered; what is left is tidied away. */
  readonly deleting: boolean;
}

export type MappingState =
  | 'Creating'
  | 'Enabling'
  | 'Enabled'
  | 'Disabling'
  | 'Disabled'
  | 'Updating'
  | 'Deleting';

/** The answer of all five operations, with the members that AWS gives for a stream. */
export function configuration(
  row: MappingRow,
  state: MappingState,
  lastResult: string,
): EventSourceMappingConfiguration {
  const { options, start } = row;
  return {
    UUID: row.uuid,
    BatchSize: options.batchSize,
    MaximumBatchingWindowInSeconds: options.windowSeconds,
    ParallelizationFactor: options.parallelization,
    EventSourceArn: row.sourceArn,
    EventSourceMappingArn: row.arn,
    FunctionArn: row.functionArn,
    StartingPosition: start.type,
    ...(start.type === 'AT_TIMESTAMP' ? { StartingPositionTimestamp: new Date(start.timestampMs) } : {}),
    LastModified: new Date(row.lastModifiedMs),
    LastProcessingResult: lastResult,
    State: state,
    StateTransitionReason: 'User action',
    DestinationConfig: {
      OnFailure: options.onFailure === undefined ? {} : { Destination: options.onFailure },
    },
    MaximumRecordAgeInSeconds: options.recordAgeSecondsMax,
    BisectBatchOnFunctionError: options.bisect,
    MaximumRetryAttempts: options.retriesMax,
    TumblingWindowInSeconds: 0,
    FunctionResponseTypes: options.reportItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(options.filters.length === 0
      ? {}
      : { FilterCriteria: { Filters: options.filters.map((pattern) => ({ Pattern: pattern })) } }),
  };
}
