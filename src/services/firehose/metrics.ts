import type { MetricRegistry, MetricSamples } from '../../metrics.ts';

const NAMESPACE = 'AWS/Firehose';

type NewMetric = (name: string, unit: string) => MetricSamples;

const incoming = (metric: NewMetric) => ({
  bytes: metric('IncomingBytes', 'Bytes'),
  records: metric('IncomingRecords', 'Count'),
  requests: metric('IncomingPutRequests', 'Count'),
});

const putRecord = (metric: NewMetric) => ({
  bytes: metric('PutRecord.Bytes', 'Bytes'),
  latency: metric('PutRecord.Latency', 'Milliseconds'),
  requests: metric('PutRecord.Requests', 'Count'),
});

const putRecordBatch = (metric: NewMetric) => ({
  bytes: metric('PutRecordBatch.Bytes', 'Bytes'),
  latency: metric('PutRecordBatch.Latency', 'Milliseconds'),
  records: metric('PutRecordBatch.Records', 'Count'),
  requests: metric('PutRecordBatch.Requests', 'Count'),
});

/**
 * The collectors of a delivery stream, with AWS's names:
 * https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html. Each group is created on
 * first use: most delivery streams use few of them.
 */
export class DeliveryStreamMetrics {
  readonly #registry: MetricRegistry;
  readonly #name: string;
  readonly #made: MetricSamples[] = [];
  #incoming: ReturnType<typeof incoming> | undefined;
  #putRecord: ReturnType<typeof putRecord> | undefined;
  #putRecordBatch: ReturnType<typeof putRecordBatch> | undefined;
  readonly #others = new Map<string, MetricSamples>();

  constructor(registry: MetricRegistry, name: string) {
    this.#registry = registry;
    this.#name = name;
  }

  get incoming() {
    return (this.#incoming ??= incoming(this.#metric));
  }

  get putRecord() {
    return (this.#putRecord ??= putRecord(this.#metric));
  }

  get putRecordBatch() {
    return (this.#putRecordBatch ??= putRecordBatch(this.#metric));
  }

  /** Returns a metric that is not on the path of puts. */
  add(name: string, unit: 'Bytes' | 'Count' | 'Milliseconds' | 'Seconds', value: number): void {
    let samples = this.#others.get(name);
    if (samples === undefined) {
      samples = this.#metric(name, unit);
      this.#others.set(name, samples);
    }
    samples.add(value);
  }

  release(): void {
    for (const samples of this.#made) this.#registry.release(samples);
  }

  readonly #metric: NewMetric = (name, unit) => {
    const samples = this.#registry.metric(NAMESPACE, name, unit, { DeliveryStreamName: this.#name });
    this.#made.push(samples);
    return samples;
  };
}
