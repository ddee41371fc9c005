import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Tags } from '../../../aws/tags.ts';
import type { MappingOptions } from './options.ts';

/** A mapping's row in the table `lambda.mappings`; the key is its UUID. */
export type MappingRow = StreamMappingRow | QueueMappingRow;

interface CommonRow {
  readonly uuid: string;
  readonly arn: string;
  /** The ARN given at creation: of a stream, of a registered consumer, or of a queue. */
  readonly sourceArn: string;
  readonly functionName: string;
  /** As given at creation: with or without a version or alias. */
  readonly functionArn: string;
  readonly enabled: boolean;
  readonly options: MappingOptions;
  readonly lastModifiedMs: number;
  /** DeleteEventSourceMapping has been answered; cleanup is pending. */
  readonly deleting: boolean;
  /** Absent in rows of earlier versions. */
  readonly tags?: Tags;
}

export interface StreamMappingRow extends CommonRow {
  /** The stream's ARN. */
  readonly streamArn: string;
  readonly start:
    | { readonly type: 'TRIM_HORIZON' | 'LATEST' }
    | { readonly type: 'AT_TIMESTAMP'; readonly timestampMs: number };
}

export interface QueueMappingRow extends CommonRow {
  readonly queueArn: string;
}

export function isQueueMapping(row: MappingRow): row is QueueMappingRow {
  return 'queueArn' in row;
}

/** The result of a mapping that has processed nothing yet. */
export const NOTHING_PROCESSED = 'No records processed';

export type MappingState =
  | 'Creating'
  | 'Enabling'
  | 'Enabled'
  | 'Disabling'
  | 'Disabled'
  | 'Updating'
  | 'Deleting';

/** The response of all five operations, with the members that AWS returns for this kind of source. */
export function configuration(
  row: MappingRow,
  state: MappingState,
  lastResult: string,
): EventSourceMappingConfiguration {
  return isQueueMapping(row)
    ? { ...commonMembers(row, state), ...queueMembers(row) }
    : { ...commonMembers(row, state), ...streamMembers(row, lastResult) };
}

function commonMembers(row: MappingRow, state: MappingState): EventSourceMappingConfiguration {
  const { options } = row;
  return {
    UUID: row.uuid,
    BatchSize: options.batchSize,
    MaximumBatchingWindowInSeconds: options.windowSeconds,
    EventSourceArn: row.sourceArn,
    EventSourceMappingArn: row.arn,
    FunctionArn: row.functionArn,
    LastModified: new Date(row.lastModifiedMs),
    State: state,
    FunctionResponseTypes: options.reportItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(options.countsEvents === true ? { MetricsConfig: { Metrics: ['EventCount'] } } : {}),
    ...(options.filters.length === 0
      ? {}
      : { FilterCriteria: { Filters: options.filters.map((pattern) => ({ Pattern: pattern })) } }),
  };
}

function queueMembers({ options }: QueueMappingRow): EventSourceMappingConfiguration {
  const { concurrencyMax } = options;
  return {
    StateTransitionReason: 'USER_INITIATED',
    ...(concurrencyMax === undefined ? {} : { ScalingConfig: { MaximumConcurrency: concurrencyMax } }),
  };
}

function streamMembers(
  { options, start }: StreamMappingRow,
  lastResult: string,
): EventSourceMappingConfiguration {
  return {
    ParallelizationFactor: options.parallelization,
    StartingPosition: start.type,
    ...(start.type === 'AT_TIMESTAMP' ? { StartingPositionTimestamp: new Date(start.timestampMs) } : {}),
    LastProcessingResult: lastResult,
    StateTransitionReason: 'User action',
    DestinationConfig: {
      OnFailure: options.onFailure === undefined ? {} : { Destination: options.onFailure },
    },
    MaximumRecordAgeInSeconds: options.recordAgeSecondsMax,
    BisectBatchOnFunctionError: options.bisect,
    MaximumRetryAttempts: options.retriesMax,
    TumblingWindowInSeconds: options.tumblingSeconds ?? 0,
  };
}
