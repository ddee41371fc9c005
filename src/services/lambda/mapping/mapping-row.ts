import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { MappingOptions } from './options.ts';

/** A mapping's row in the table `lambda.mappings`; the key is its UUID. */
export interface MappingRow {
  readonly uuid: string;
  readonly arn: string;
  /** The stream's ARN. */
  readonly streamArn: string;
  /** The ARN given at creation: the stream's, or that of a registered consumer. */
  readonly sourceArn: string;
  readonly functionName: string;
  /** As given at creation: with or without `:$LATEST`. */
  readonly functionArn: string;
  readonly enabled: boolean;
  readonly options: MappingOptions;
  readonly start:
    | { readonly type: 'TRIM_HORIZON' | 'LATEST' }
    | { readonly type: 'AT_TIMESTAMP'; readonly timestampMs: number };
  readonly lastModifiedMs: number;
  /** DeleteEventSourceMapping has been answered; cleanup is pending. */
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

/** The response of all five operations, with the members that AWS returns for a stream. */
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
