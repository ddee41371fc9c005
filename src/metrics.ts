/**
 * Counters for all services; services/cloudwatch stores them as metrics. A service gets its collector once and adds to
 * it on its hot path: an addition is a few arithmetic operations without an allocation.
 */
export interface MetricIdentity {
  /** For example `AWS/Kinesis`. */
  readonly namespace: string;
  readonly name: string;
  /** In the given order; compared without regard to the order. */
  readonly dimensions: readonly { readonly name: string; readonly value: string }[];
  /** A unit of CloudWatch: `Count`, `Bytes`, `Milliseconds`, ... */
  readonly unit: string;
}

/** The samples of one metric since they were last taken: a CloudWatch statistic set. */
export class MetricSamples {
  readonly identity: MetricIdentity;
  sampleCount = 0;
  sum = 0;
  minimum = Infinity;
  maximum = -Infinity;

  constructor(identity: MetricIdentity) {
    this.identity = identity;
  }

  add(value: number): void {
    this.sampleCount++;
    this.sum += value;
    if (value < this.minimum) this.minimum = value;
    if (value > this.maximum) this.maximum = value;
  }

  /** Returns the samples so far and resets the collector. */
  take(): { sampleCount: number; sum: number; minimum: number; maximum: number } {
    const { sampleCount, sum, minimum, maximum } = this;
    this.sampleCount = 0;
    this.sum = 0;
    this.minimum = Infinity;
    this.maximum = -Infinity;
    return { sampleCount, sum, minimum, maximum };
  }
}

export class MetricRegistry {
  readonly #metrics = new Set<MetricSamples>();

  /**
   * Creates a collector for the metric; several collectors of one metric add up. Keep it, and release it at the end.
   */
  metric(
    namespace: string,
    name: string,
    unit: string,
    dimensions: Readonly<Record<string, string>> = {},
  ): MetricSamples {
    const samples = new MetricSamples({
      namespace,
      name,
      unit,
      dimensions: Object.entries(dimensions).map(([dimension, value]) => ({ name: dimension, value })),
    });
    this.#metrics.add(samples);
    return samples;
  }

  /** Removes a collector, for example of a deleted stream. Take its last samples first. */
  release(samples: MetricSamples): void {
    this.#metrics.delete(samples);
  }

  [Symbol.iterator](): IterableIterator<MetricSamples> {
    return this.#metrics.values();
  }
}
