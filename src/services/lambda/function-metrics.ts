import type { MetricRegistry, MetricSamples } from '../../metrics.ts';

const NAMESPACE = 'AWS/Lambda';

/** Every metric of a function, with its unit. */
export const functionMetricUnits = {
  Invocations: 'Count',
  Errors: 'Count',
  Throttles: 'Count',
  Duration: 'Milliseconds',
  ConcurrentExecutions: 'Count',
  AsyncEventsReceived: 'Count',
  AsyncEventsDropped: 'Count',
  IteratorAge: 'Milliseconds',
} as const;

type MetricName = keyof typeof functionMetricUnits;

/** Lambda's metrics per FunctionName (docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html). */
export class FunctionMetrics {
  readonly #registry: MetricRegistry;
  readonly #byName = new Map<string, Map<MetricName, MetricSamples>>();

  constructor(registry: MetricRegistry) {
    this.#registry = registry;
  }

  add(functionName: string, metric: MetricName, value: number): void {
    let metrics = this.#byName.get(functionName);
    if (metrics === undefined) {
      metrics = new Map();
      this.#byName.set(functionName, metrics);
    }
    let samples = metrics.get(metric);
    if (samples === undefined) {
      const dimensions = { FunctionName: functionName };
      samples = this.#registry.metric(NAMESPACE, metric, functionMetricUnits[metric], dimensions);
      metrics.set(metric, samples);
    }
    samples.add(value);
  }

  close(): void {
    for (const metrics of this.#byName.values()) {
      for (const samples of metrics.values()) this.#registry.release(samples);
    }
    this.#byName.clear();
  }
}
