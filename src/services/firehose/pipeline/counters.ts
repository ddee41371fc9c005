import type { DeliveryRecord, RefusedRecord } from '../../../delivery/destination.ts';
import type { DeliveryObserver, RangeOutcome } from '../../../delivery/spec.ts';
import type { ErrorLog } from './error-log.ts';
import type { DeliveryStreamMetrics } from '../metrics.ts';

export interface CounterOptions {
  readonly metrics: DeliveryStreamMetrics;
  readonly prefix:
    | 'DeliveryToS3'
    | 'DeliveryToIceberg'
    | 'DeliveryToHttpEndpoint'
    | 'DeliveryToDatabase'
    | 'BackupToS3';
  readonly readsKinesis: boolean;
  /** Whether records are converted to another format. */
  readonly converts: boolean;
  /** Undefined if CloudWatchLoggingOptions are not enabled. */
  readonly errorLog: ErrorLog | undefined;
  readonly onRefused: (records: readonly RefusedRecord[]) => void;
}

/** Counts the results of a delivery in the delivery stream's metrics. */
export class Counters implements DeliveryObserver {
  readonly #options: CounterOptions;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  delivered(outcome: RangeOutcome): void {
    const { metrics, prefix, readsKinesis, errorLog, converts } = this.#options;
    errorLog?.delivered();
    metrics.add(`${prefix}.DataFreshness`, 'Seconds', outcome.ageMs / 1000);
    metrics.add(`${prefix}.Bytes`, 'Bytes', outcome.bytes);
    metrics.add(`${prefix}.Success`, 'Count', 1);
    if (prefix === 'DeliveryToIceberg') {
      metrics.add(`${prefix}.IncomingRowCount`, 'Count', outcome.delivered + outcome.refused);
      metrics.add(`${prefix}.SuccessfulRowCount`, 'Count', outcome.delivered);
      metrics.add(`${prefix}.FailedRowCount`, 'Count', outcome.refused);
    } else {
      metrics.add(`${prefix}.Records`, 'Count', outcome.delivered);
      if (outcome.objects !== undefined) metrics.add(`${prefix}.ObjectCount`, 'Count', outcome.objects);
    }
    if (converts) {
      metrics.add('SucceedConversion.Records', 'Count', outcome.delivered);
      metrics.add('SucceedConversion.Bytes', 'Bytes', outcome.bytes);
    }
    if (!readsKinesis) return;
    metrics.add('DataReadFromKinesisStream.Bytes', 'Bytes', outcome.bytesIn);
    metrics.add('DataReadFromKinesisStream.Records', 'Count', outcome.records);
    metrics.add('KinesisMillisBehindLatest', 'Milliseconds', outcome.millisBehindLatest ?? 0);
  }

  failed(ageMs: number, error: unknown): void {
    const { metrics, prefix, errorLog } = this.#options;
    errorLog?.failed(error);
    metrics.add(`${prefix}.DataFreshness`, 'Seconds', ageMs / 1000);
    metrics.add(`${prefix}.Success`, 'Count', 0);
  }

  refused(records: readonly RefusedRecord[]): void {
    const { metrics, converts, errorLog, onRefused } = this.#options;
    onRefused(records);
    errorLog?.refused(records);
    const unconverted = records.filter(({ outputType }) => outputType === 'format-conversion-failed');
    if (converts && unconverted.length > 0) {
      metrics.add('FailedConversion.Records', 'Count', unconverted.length);
      metrics.add('FailedConversion.Bytes', 'Bytes', bytesOf(unconverted.map(({ record }) => record)));
    }
  }

  release(): void {}
}

function bytesOf(records: readonly DeliveryRecord[]): number {
  let bytes = 0;
  for (const { data } of records) bytes += data.length;
  return bytes;
}
