import { actorOfFunction } from '../acting.ts';
import type { Functions } from '../functions.ts';
import type { MappingMetrics } from '../function-metrics.ts';
import { TargetQueue, type TargetQueueHead, type TargetQueueOptions } from '../target-queue.ts';

/** The records of a report, and its destination. */
export interface FailureReportInfo extends TargetQueueHead {
  readonly mapping: string;
  readonly functionArn: string;
  readonly shard: string;
  readonly condition: string;
  readonly records: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The mapping counts its events. */
  readonly counted?: boolean;
}

export type FailureReports = TargetQueue<FailureReportInfo>;

export interface FailureReportsOptions extends Pick<
  TargetQueueOptions<FailureReportInfo>,
  'engine' | 'targets' | 'clock' | 'log'
> {
  readonly metrics: MappingMetrics;
  readonly functions: Pick<Functions, 'describe'>;
}

/** Name of the queue in the engine's tables. */
export const FAILURE_REPORTS = 'lambda.failure-reports';

/** Opens the queue of reports on discarded records, which are delivered in order per shard. */
export function openFailureReports({
  metrics,
  functions,
  ...options
}: FailureReportsOptions): Promise<FailureReports> {
  return TargetQueue.open<FailureReportInfo>({
    ...options,
    name: FAILURE_REPORTS,
    noun: 'a report on discarded records',
    ordered: true,
    actorOf: ({ functionArn }) => actorOfFunction(functions, functionArn),
    laneOf: ({ mapping, shard }) => `${mapping}/${shard}`,
    onDelivered({ counted, mapping, records }) {
      if (counted === true) metrics.add(mapping, 'OnFailureDestinationDeliveredEventCount', records);
    },
  });
}
