import type { MetricRegistry, MetricSamples } from '../metrics.ts';
import type { DeliveryObserver, Outcome } from './spec.ts';

const METRICS = {
  freshness: ['DataFreshness', 'Seconds'],
  bytesIn: ['BytesIn', 'Bytes'],
  bytesProcessed: ['BytesProcessed', 'Bytes'],
  bytesOut: ['BytesOut', 'Bytes'],
  records: ['RecordCount', 'Count'],
  successful: ['SuccessfulRecordCount', 'Count'],
  refused: ['FailedRecordCount', 'Count'],
  success: ['DeliverySuccess', 'Count'],
} as const;

/** Where the metrics are shown. */
export interface MetricPlace {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** `DeliveryToS3.*`: https://docs.aws.amazon.com/streams/latest/dev/data-delivery-monitoring.html */
export class DeliveryCounters implements DeliveryObserver {
  readonly #registry: MetricRegistry;
  readonly #samples: Readonly<Record<keyof typeof METRICS, MetricSamples>>;

  constructor(registry: MetricRegistry, { namespace, dimensions }: MetricPlace) {
    this.#registry = registry;
    const made = Object.entries(METRICS).map(([key, [name, unit]]) => [
      key,
      registry.metric(namespace, `DeliveryToS3.${name}`, unit, dimensions),
    ]);
    // The keys are those of METRICS, which `entries` forgets.
    this.#samples = Object.fromEntries(made) as Record<keyof typeof METRICS, MetricSamples>;
  }

  delivered({ records, refused, bytesIn, bytes, ageMs }: Outcome): void {
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
