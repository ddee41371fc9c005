import type { ProcessingObserver } from '../../../delivery/processing/step.ts';
import type { DeliveryStreamMetrics } from '../metrics.ts';

/** Counts the results of processing in AWS's metrics. */
export function processingMetrics(metrics: DeliveryStreamMetrics): ProcessingObserver {
  return {
    executed(durationMs, succeeded) {
      metrics.add('ExecuteProcessing.Duration', 'Milliseconds', durationMs);
      metrics.add('ExecuteProcessing.Success', 'Count', succeeded ? 1 : 0);
    },
    transformed(records, bytes) {
      metrics.add('SucceedProcessing.Records', 'Count', records);
      metrics.add('SucceedProcessing.Bytes', 'Bytes', bytes);
    },
    queried(durationMs) {
      metrics.add('JQProcessing.Duration', 'Milliseconds', durationMs);
    },
  };
}
