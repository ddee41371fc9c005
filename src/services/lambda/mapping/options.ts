import { EventPatternError } from '../../../aws/event-pattern/types.ts';
import type { UpdateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import { lambdaLimits } from '../limits.ts';
import {
  destinationUnsupported,
  invalidFilterPattern,
  metricsUnsupported,
  onSuccessUnsupported,
  recordAgeOutOfRange,
  tooManyFilters,
  unsupportedOption,
  windowsInParallel,
} from './errors.ts';
import { compileFilter } from './filter.ts';

/** How a mapping delivers records: the checked options of Create and Update. Stored as JSON in its row. */
export interface MappingOptions {
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Retries after the first invocation; -1: until the records expire. */
  readonly retriesMax: number;
  /** -1: until the records expire. */
  readonly recordAgeSecondsMax: number;
  readonly bisect: boolean;
  readonly reportItemFailures: boolean;
  readonly parallelization: number;
  /** Patterns as given; a record that matches one is delivered. Empty: all records are. */
  readonly filters: readonly string[];
  /** ARN of the destination for reports on discarded records. */
  readonly onFailure?: string;
  /** MetricsConfig has EventCount. */
  readonly countsEvents?: true;
  /** TumblingWindowInSeconds; absent without windows. */
  readonly tumblingSeconds?: number;
  /** MaximumConcurrency of a queue's mapping. */
  readonly concurrencyMax?: number;
}

export const defaultOptions: MappingOptions = {
  batchSize: 100,
  windowSeconds: 0,
  retriesMax: -1,
  recordAgeSecondsMax: -1,
  bisect: false,
  reportItemFailures: false,
  parallelization: 1,
  filters: [],
};

/** The members that Create and Update share. */
export type OptionsInput = Omit<Checked<UpdateEventSourceMappingRequest>, 'UUID'>;

export const unsupportedMembers = [
  'AmazonManagedKafkaEventSourceConfig',
  'DocumentDBEventSourceConfig',
  'KMSKeyArn',
  'LoggingConfig',
  'ProvisionedPollerConfig',
  'ScalingConfig',
  'SelfManagedKafkaEventSourceConfig',
  'SourceAccessConfigurations',
] as const satisfies readonly (keyof OptionsInput)[];

/**
 * Applies the input to `base`. Unsupported options are refused by name, unless their value is empty (Terraform sends
 * such values). Throws InvalidParameterValueException.
 */
export function withOptions(
  base: MappingOptions,
  input: OptionsInput,
  canSendTo: (arn: string) => boolean,
): MappingOptions {
  for (const member of unsupportedMembers) {
    if (!isEmpty(input[member])) throw unsupportedOption(member);
  }
  const { onFailure: _onFailure, countsEvents: _countsEvents, tumblingSeconds: before = 0, ...rest } = base;
  const tumblingSeconds = input.TumblingWindowInSeconds ?? before;
  const parallelization = input.ParallelizationFactor ?? base.parallelization;
  if (tumblingSeconds > 0 && parallelization > 1) throw windowsInParallel();
  const onFailure = input.DestinationConfig === undefined ? base.onFailure : destination(input, canSendTo);
  return {
    ...rest,
    batchSize: input.BatchSize ?? base.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? base.windowSeconds,
    retriesMax: input.MaximumRetryAttempts ?? base.retriesMax,
    recordAgeSecondsMax: recordAge(input.MaximumRecordAgeInSeconds ?? base.recordAgeSecondsMax),
    bisect: input.BisectBatchOnFunctionError ?? base.bisect,
    reportItemFailures:
      input.FunctionResponseTypes === undefined
        ? base.reportItemFailures
        : input.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    parallelization,
    filters:
      input.FilterCriteria === undefined ? base.filters : filterPatterns(input.FilterCriteria, compileFilter),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(countsEvents(base, input) ? { countsEvents: true } : {}),
    ...(tumblingSeconds === 0 ? {} : { tumblingSeconds }),
  };
}

/** Whether a value is empty: absent, 0, an empty string, list or structure, or a structure with only empty members. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}

function destination(input: OptionsInput, canSendTo: (arn: string) => boolean): string | undefined {
  if (!isEmpty(input.DestinationConfig?.OnSuccess)) throw onSuccessUnsupported();
  const arn = input.DestinationConfig?.OnFailure?.Destination;
  if (arn === undefined || arn === '') return undefined;
  if (!canSendTo(arn)) throw destinationUnsupported(arn);
  return arn;
}

export function countsEvents(base: MappingOptions, { MetricsConfig: config }: OptionsInput): boolean {
  if (config === undefined) return base.countsEvents === true;
  const metrics = config.Metrics ?? [];
  if (metrics.some((metric) => metric !== 'EventCount')) throw metricsUnsupported();
  return metrics.length > 0;
}

function recordAge(seconds: number): number {
  if (seconds !== -1 && seconds < 60) throw recordAgeOutOfRange(seconds);
  return seconds;
}

export function filterPatterns(
  { Filters: filters = [] }: NonNullable<OptionsInput['FilterCriteria']>,
  compile: (pattern: string) => unknown,
): string[] {
  if (filters.length > lambdaLimits.mappingFiltersMax) throw tooManyFilters(lambdaLimits.mappingFiltersMax);
  return filters.map(({ Pattern: pattern }) => {
    if (pattern === undefined) throw invalidFilterPattern('a filter has no Pattern');
    try {
      compile(pattern);
    } catch (error) {
      if (error instanceof EventPatternError) throw invalidFilterPattern(error.message);
      throw error;
    }
    return pattern;
  });
}
