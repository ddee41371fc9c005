import type { MetricRegistry, MetricSamples } from '../metrics.ts';
import type { DeliveryObserver, RangeOutcome } from './spec.ts';

/** https://docs.aws.amazon.com/streams/latest/dev/data-delivery-monitoring.html */
export const objectMetrics = {
  freshness: ['DeliveryToS3.DataFreshness', 'Seconds'],
  bytesIn: ['DeliveryToS3.BytesIn', 'Bytes'],
  bytesProcessed: ['DeliveryToS3.BytesProcessed', 'Bytes'],
  bytesOut: ['DeliveryToS3.BytesOut', 'Bytes'],
  records: ['DeliveryToS3.RecordCount', 'Count'],
  successful: ['DeliveryToS3.SuccessfulRecordCount', 'Count'],
  refused: ['DeliveryToS3.FailedRecordCount', 'Count'],
  success: ['DeliveryToS3.DeliverySuccess', 'Count'],
} as const;

/**
 * The same for deliveries to tables:
 * https://docs.aws.amazon.com/msk/latest/developerguide/msk-data-delivery-iceberg-metrics.html
 */
export const tableMetrics = {
  freshness: ['DeliveryToIceberg.DataFreshness', 'Seconds'],
  bytesIn: ['DeliveryToIceberg.BytesIn', 'Bytes'],
  bytesProcessed: ['DeliveryToIceberg.BytesProcessed', 'Bytes'],
  bytesOut: ['DeliveryToIceberg.BytesOut', 'Bytes'],
  records: ['DeliveryToIceberg.TotalRowCount', 'Count'],
  successful: ['DeliveryToIceberg.SuccessfulRowCount', 'Count'],
  refused: ['DeliveryToIceberg.FailedRowCount', 'Count'],
  success: ['DeliveryToIceberg.CommitSuccess', 'Count'],
} as const;

type Metrics = Readonly<Record<keyof typeof objectMetrics, readonly [name: string, unit: string]>>;

/** The namespace and dimensions of the metrics. */
export interface MetricPlace {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Counts the records, bytes and objects that a delivery has written. */
export class DeliveryCounters implements DeliveryObserver {
  readonly #registry: MetricRegistry;
  readonly #samples: Readonly<Record<keyof Metrics, MetricSamples>>;

  constructor(
    registry: MetricRegistry,
    { namespace, dimensions }: MetricPlace,
    metrics: Metrics = objectMetrics,
  ) {
    this.#registry = registry;
    const made = Object.entries(metrics).map(([key, [name, unit]]) => [
      key,
      registry.metric(namespace, name, unit, dimensions),
    ]);
    // The keys are those of `metrics`, which `entries` forgets.
    this.#samples = Object.fromEntries(made) as Record<keyof Metrics, MetricSamples>;
  }

  delivered({ records, refused, bytesIn, bytes, ageMs }: RangeOutcome): void {
    const samples = this.#samples;
    samples.freshness.add(ageMs / 1000);
    samples.bytesIn.add(bytesIn);
    samples.bytesProcessed.add(bytesIn);
    samples.bytesOut.add(bytes);
    samples.records.add(records);
    samples.successful.add(records - refused);
    samples.refused.add(refused);
    samples.success.add(1);
  }

  failed(): void {
    this.#samples.success.add(0);
  }

  release(): void {
    for (const samples of Object.values(this.#samples)) this.#registry.release(samples);
  }
}
