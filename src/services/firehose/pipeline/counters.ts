import type { DeliveryObserver, Outcome } from '../../../delivery/spec.ts';
import type { DeliveryStreamMetrics } from '../metrics.ts';

export interface CounterOptions {
  readonly metrics: DeliveryStreamMetrics;
  /** `DeliveryToS3`, `BackupToS3`, ... */
  readonly prefix: string;
  readonly readsKinesis: boolean;
}

/** Counts what a delivery has done. The metrics belong to the delivery stream. */
export class Counters implements DeliveryObserver {
  readonly #options: CounterOptions;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  delivered(outcome: Outcome): void {
    const { metrics, prefix, readsKinesis } = this.#options;
    metrics.add(`${prefix}.DataFreshness`, 'Seconds', outcome.ageMs / 1000);
    metrics.add(`${prefix}.Bytes`, 'Bytes', outcome.bytes);
    metrics.add(`${prefix}.Records`, 'Count', outcome.delivered);
    metrics.add(`${prefix}.Success`, 'Count', 1);
    if (outcome.objects !== undefined) metrics.add(`${prefix}.ObjectCount`, 'Count', outcome.objects);
    if (!readsKinesis) return;
    metrics.add('DataReadFromKinesisStream.Bytes', 'Bytes', outcome.bytesIn);
    metrics.add('DataReadFromKinesisStream.Records', 'Count', outcome.records);
    metrics.add('KinesisMillisBehindLatest', 'Milliseconds', outcome.millisBehindLatest ?? 0);
  }

  failed(ageMs: number): void {
    const { metrics, prefix } = this.#options;
    metrics.add(`${prefix}.DataFreshness`, 'Seconds', ageMs / 1000);
    metrics.add(`${prefix}.Success`, 'Count', 0);
  }

  release(): void {}
}
