import { Distribution } from './support/distribution.ts';

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
  /** Of times, which people ask the percentiles of; of other samples it would only cost memory. */
  readonly #hasDistribution: boolean;
  #distribution: Distribution | undefined;
  #takenCount = 0;
  #takenSum = 0;
  #takenMaximum = 0;
  sampleCount = 0;
  sum = 0;
  minimum = Infinity;
  maximum = -Infinity;

  constructor(identity: MetricIdentity) {
    this.identity = identity;
    this.#hasDistribution = identity.unit === 'Milliseconds' || identity.unit === 'Seconds';
  }

  add(value: number): void {
    if (this.#hasDistribution) (this.#distribution ??= new Distribution()).add(value);
    this.sampleCount++;
    this.sum += value;
    if (value < this.minimum) this.minimum = value;
    if (value > this.maximum) this.maximum = value;
  }

  /** How many samples there have ever been. Never falls. */
  get totalCount(): number {
    return this.#takenCount + this.sampleCount;
  }

  /** The sum of all samples there have ever been. */
  get totalSum(): number {
    return this.#takenSum + this.sum;
  }

  /** The largest sample of the last second that had one. */
  get recentMaximum(): number {
    return this.sampleCount > 0 ? this.maximum : this.#takenMaximum;
  }

  /** Returns the samples so far and resets the collector. */
  take(): TakenSamples {
    const { sampleCount, sum, minimum, maximum } = this;
    const distribution = this.#distribution;
    this.#distribution = undefined;
    if (sampleCount > 0) this.#takenMaximum = maximum;
    this.#takenCount += sampleCount;
    this.#takenSum += sum;
    this.sampleCount = 0;
    this.sum = 0;
    this.minimum = Infinity;
    this.maximum = -Infinity;
    return { sampleCount, sum, minimum, maximum, ...(distribution !== undefined && { distribution }) };
  }
}

export interface TakenSamples {
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
  distribution?: Distribution;
}

/** How many samples were at most so large, for a few sizes: of the whole server, since many of them cost memory. */
export class Histogram {
  /** In ascending order; a further count is of larger samples. */
  readonly bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  add(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? 0)) at++;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }
}

const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

export class MetricRegistry {
  readonly #metrics = new Set<MetricSamples>();
  readonly #latencies = new Map<string, Histogram>();

  /** How long calls of an operation took on this server, in milliseconds, whatever they were about. */
  latency(operation: string): Histogram {
    let histogram = this.#latencies.get(operation);
    if (histogram === undefined) {
      histogram = new Histogram(LATENCY_BOUNDS_MS);
      this.#latencies.set(operation, histogram);
    }
    return histogram;
  }

  /** Keyed by operation. */
  get latencies(): ReadonlyMap<string, Histogram> {
    return this.#latencies;
  }

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
