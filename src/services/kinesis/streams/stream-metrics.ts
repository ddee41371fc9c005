import type { MetricRegistry, MetricSamples } from '../../../metrics.ts';

const NAMESPACE = 'AWS/Kinesis';

type NewMetric = (name: string, unit: string) => MetricSamples;

const incoming = (metric: NewMetric) => ({
  bytes: metric('IncomingBytes', 'Bytes'),
  records: metric('IncomingRecords', 'Count'),
});

const putRecord = (metric: NewMetric, registry: MetricRegistry) => ({
  bytes: metric('PutRecord.Bytes', 'Bytes'),
  latency: metric('PutRecord.Latency', 'Milliseconds'),
  latencies: registry.latency('PutRecord'),
  success: metric('PutRecord.Success', 'Count'),
});

const putRecords = (metric: NewMetric, registry: MetricRegistry) => ({
  bytes: metric('PutRecords.Bytes', 'Bytes'),
  latency: metric('PutRecords.Latency', 'Milliseconds'),
  latencies: registry.latency('PutRecords'),
  success: metric('PutRecords.Success', 'Count'),
  records: metric('PutRecords.Records', 'Count'),
  total: metric('PutRecords.TotalRecords', 'Count'),
  successful: metric('PutRecords.SuccessfulRecords', 'Count'),
  failed: metric('PutRecords.FailedRecords', 'Count'),
  throttled: metric('PutRecords.ThrottledRecords', 'Count'),
});

const getRecords = (metric: NewMetric, registry: MetricRegistry) => ({
  bytes: metric('GetRecords.Bytes', 'Bytes'),
  records: metric('GetRecords.Records', 'Count'),
  latency: metric('GetRecords.Latency', 'Milliseconds'),
  latencies: registry.latency('GetRecords'),
  success: metric('GetRecords.Success', 'Count'),
  iteratorAgeMs: metric('GetRecords.IteratorAgeMilliseconds', 'Milliseconds'),
  iteratorAge: metric('GetRecords.IteratorAge', 'Milliseconds'),
});

const throttled = (metric: NewMetric) => ({
  writes: metric('WriteProvisionedThroughputExceeded', 'Count'),
  reads: metric('ReadProvisionedThroughputExceeded', 'Count'),
});

const subscription = (metric: NewMetric) => ({
  rateExceeded: metric('SubscribeToShard.RateExceeded', 'Count'),
  success: metric('SubscribeToShard.Success', 'Count'),
  event: {
    bytes: metric('SubscribeToShardEvent.Bytes', 'Bytes'),
    records: metric('SubscribeToShardEvent.Records', 'Count'),
    behind: metric('SubscribeToShardEvent.MillisBehindLatest', 'Milliseconds'),
    success: metric('SubscribeToShardEvent.Success', 'Count'),
  },
});

/**
 * A stream's collectors, with AWS's metric names. Each group is created on first use: most streams use few of them.
 */
export class StreamMetrics {
  readonly #registry: MetricRegistry;
  readonly #streamName: string;
  readonly #newMetric: NewMetric;
  readonly #collectors: MetricSamples[] = [];
  readonly #subscriptions = new Map<string, ReturnType<typeof subscription>>();
  #incoming: ReturnType<typeof incoming> | undefined;
  #putRecord: ReturnType<typeof putRecord> | undefined;
  #putRecords: ReturnType<typeof putRecords> | undefined;
  #getRecords: ReturnType<typeof getRecords> | undefined;
  #throttled: ReturnType<typeof throttled> | undefined;

  constructor(registry: MetricRegistry, streamName: string) {
    this.#registry = registry;
    this.#streamName = streamName;
    this.#newMetric = (name, unit) => this.#collector(name, unit, {});
  }

  #collector(name: string, unit: string, dimensions: Readonly<Record<string, string>>): MetricSamples {
    const all = { StreamName: this.#streamName, ...dimensions };
    const samples = this.#registry.metric(NAMESPACE, name, unit, all);
    this.#collectors.push(samples);
    return samples;
  }

  /** One sample for each call of PutRecord or PutRecords. */
  get incoming() {
    return (this.#incoming ??= incoming(this.#newMetric));
  }

  get putRecord() {
    return (this.#putRecord ??= putRecord(this.#newMetric, this.#registry));
  }

  get putRecords() {
    return (this.#putRecords ??= putRecords(this.#newMetric, this.#registry));
  }

  get getRecords() {
    return (this.#getRecords ??= getRecords(this.#newMetric, this.#registry));
  }

  /** For streams with limits: the throttled calls and records; 0 for a call that was not throttled. */
  get throttled() {
    return (this.#throttled ??= throttled(this.#newMetric));
  }

  /** Of one registered consumer. */
  subscription(ConsumerName: string) {
    let metrics = this.#subscriptions.get(ConsumerName);
    if (metrics === undefined) {
      metrics = subscription((name, unit) => this.#collector(name, unit, { ConsumerName }));
      this.#subscriptions.set(ConsumerName, metrics);
    }
    return metrics;
  }

  release(): void {
    for (const samples of this.#collectors) this.#registry.release(samples);
  }
}
