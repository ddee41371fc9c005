import { actorOfFunction } from '../acting.ts';
import type { Functions } from '../functions.ts';
import type { FunctionMetrics } from '../function-metrics.ts';
import { TargetQueue, type TargetQueueHead, type TargetQueueOptions } from '../target-queue.ts';

/** Whose record it is, and where it goes. */
export interface InvocationRecordInfo extends TargetQueueHead {
  readonly functionName: string;
  readonly requestId: string;
  readonly kind: 'destination' | 'deadLetter';
  /** The version or alias that was invoked, if one was named. */
  readonly qualifier?: string;
}

export type DestinationsQueue = TargetQueue<InvocationRecordInfo>;

export interface DestinationsQueueOptions extends Pick<
  TargetQueueOptions<InvocationRecordInfo>,
  'engine' | 'targets' | 'clock' | 'log'
> {
  readonly metrics: FunctionMetrics;
  readonly functions: Pick<Functions, 'describe'>;
}

/** Name of the queue in the engine's tables. */
export const DESTINATIONS = 'lambda.destinations';

/** Opens the queue of records of asynchronous invocations; a destination that is down delays no other. */
export function openDestinations({
  metrics,
  functions,
  ...options
}: DestinationsQueueOptions): Promise<DestinationsQueue> {
  return TargetQueue.open<InvocationRecordInfo>({
    ...options,
    name: DESTINATIONS,
    noun: 'the record of an asynchronous invocation',
    ordered: false,
    actorOf: ({ functionName, qualifier }) => actorOfFunction(functions, functionName, qualifier),
    laneOf: ({ destination }) => destination,
    onFailed: ({ functionName, kind }) =>
      metrics.add(
        functionName,
        kind === 'deadLetter' ? 'DeadLetterErrors' : 'DestinationDeliveryFailures',
        1,
      ),
  });
}
