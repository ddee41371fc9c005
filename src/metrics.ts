/**
 * Counting, for all services; cloudwatch/ keeps what was counted. A service asks for its metric once and adds to
 * it on its hot path: an addition is a few arithmetic operations and no allocation.
 */
export interface MetricIdentity {
  /** e.g. `AWS/Kinesis` */
  readonly namespace: string;
  readonly name: string;
  /** In the order in which they were given; compared without regard to it. */
  readonly dimensions: readonly { readonly name: string; readonly value: string }[];
  /** AWS's word: `Count`, `Bytes`, `Milliseconds`, ... */
  readonly unit: string;
}

/** Samples of one metric since they were last taken: a CloudWatch statistic set. */
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

  /** What was collected so far, and begins anew. */
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

  /** A new collector of that metric; several collectors of one metric add up. Hold on to it, and release it. */
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

  /** Forgets a collector, e.g. of a deleted stream. Take its last samples first. */
  release(samples: MetricSamples): void {
    this.#metrics.delete(samples);
  }

  [Symbol.iterator](): IterableIterator<MetricSamples> {
    return this.#metrics.values();
  }
}
