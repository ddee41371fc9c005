import type { MessageQueueInfo } from '../../../sqs/message-queues.ts';
import type { FunctionInfo } from '../../functions.ts';
import { lambdaLimits } from '../../limits.ts';
import {
  batchSizeNeedsWindow,
  batchTooLargeForFifo,
  startNotForQueues,
  unsupportedOption,
  unsupportedParameter,
  visibilityTooShort,
  windowNotForFifo,
} from '../errors.ts';
import {
  countsEvents,
  defaultOptions,
  filterPatterns,
  isEmpty,
  type MappingOptions,
  type OptionsInput,
  unsupportedMembers,
} from '../options.ts';
import { compileQueueFilter } from './queue-filter.ts';

export const defaultQueueOptions: MappingOptions = { ...defaultOptions, batchSize: 10 };

/** What only streams have. The failure destination of a queue is its own dead-letter queue. */
const streamMembers = [
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'TumblingWindowInSeconds',
] as const satisfies readonly (keyof OptionsInput)[];

/** Throws InvalidParameterValueException. */
export function refuseStart(input: {
  readonly StartingPosition?: unknown;
  readonly StartingPositionTimestamp?: unknown;
}): void {
  for (const member of ['StartingPosition', 'StartingPositionTimestamp'] as const) {
    if (input[member] !== undefined) throw startNotForQueues(member);
  }
}

/** Applies the input to the options of a queue's mapping. Throws InvalidParameterValueException. */
export function withQueueOptions(
  base: MappingOptions,
  input: OptionsInput,
  { isFifo }: Pick<MessageQueueInfo, 'isFifo'>,
): MappingOptions {
  for (const member of unsupportedMembers) {
    if (member !== 'ScalingConfig' && !isEmpty(input[member])) throw unsupportedOption(member);
  }
  for (const member of streamMembers) {
    if (input[member] !== false && !isEmpty(input[member])) throw unsupportedParameter(member);
  }
  const batchSize = input.BatchSize ?? base.batchSize;
  const windowSeconds = input.MaximumBatchingWindowInSeconds ?? base.windowSeconds;
  if (isFifo && windowSeconds > 0) throw windowNotForFifo();
  if (isFifo && batchSize > lambdaLimits.queueReceiveMessagesMax) throw batchTooLargeForFifo();
  if (batchSize > lambdaLimits.queueReceiveMessagesMax && windowSeconds === 0) throw batchSizeNeedsWindow();
  const { countsEvents: _countsEvents, concurrencyMax: before, ...rest } = base;
  const concurrencyMax = input.ScalingConfig === undefined ? before : input.ScalingConfig.MaximumConcurrency;
  return {
    ...rest,
    batchSize,
    windowSeconds,
    reportItemFailures:
      input.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? base.reportItemFailures,
    filters:
      input.FilterCriteria === undefined
        ? base.filters
        : filterPatterns(input.FilterCriteria, compileQueueFilter),
    ...(concurrencyMax !== undefined && { concurrencyMax }),
    ...(countsEvents(base, input) && { countsEvents: true }),
  };
}

/** Throws InvalidParameterValueException. */
export function checkVisibility(
  { visibilityMs }: MessageQueueInfo,
  { timeoutSeconds }: Pick<FunctionInfo, 'timeoutSeconds'>,
): void {
  const visibilitySeconds = visibilityMs / 1000;
  if (visibilitySeconds < timeoutSeconds) throw visibilityTooShort(visibilitySeconds, timeoutSeconds);
}
