import type { MetricRegistry, MetricSamples } from '../../metrics.ts';

/** Every metric of a function, with its unit. */
export const functionMetricUnits = {
  Invocations: 'Count',
  Errors: 'Count',
  Throttles: 'Count',
  Duration: 'Milliseconds',
  ConcurrentExecutions: 'Count',
  AsyncEventsReceived: 'Count',
  AsyncEventsDropped: 'Count',
  AsyncEventAge: 'Milliseconds',
  DestinationDeliveryFailures: 'Count',
  DeadLetterErrors: 'Count',
  IteratorAge: 'Milliseconds',
} as const;

/** The metrics of a mapping whose MetricsConfig has EventCount, with their units. */
export const mappingMetricUnits = {
  PolledEventCount: 'Count',
  FilteredOutEventCount: 'Count',
  InvokedEventCount: 'Count',
  FailedInvokeEventCount: 'Count',
  DroppedEventCount: 'Count',
  OnFailureDestinationDeliveredEventCount: 'Count',
  DeletedEventCount: 'Count',
} as const;

/** What nagare counts beyond AWS's metrics, with units. */
export const startMetricUnits = {
  FailedStarts: 'Count',
  FailedAtOnce: 'Count',
} as const;

type Units = Readonly<Record<string, string>>;

/** Metrics with one dimension. */
class DimensionMetrics<MetricUnits extends Units> {
  readonly #registry: MetricRegistry;
  readonly #namespace: string;
  readonly #dimension: string;
  readonly #units: MetricUnits;
  readonly #byValue = new Map<string, Map<keyof MetricUnits & string, MetricSamples>>();

  constructor(
    registry: MetricRegistry,
    { namespace, dimension }: { readonly namespace: string; readonly dimension: string },
    units: MetricUnits,
  ) {
    this.#registry = registry;
    this.#namespace = namespace;
    this.#dimension = dimension;
    this.#units = units;
  }

  add(dimensionValue: string, metric: keyof MetricUnits & string, value: number): void {
    let metrics = this.#byValue.get(dimensionValue);
    if (metrics === undefined) {
      metrics = new Map();
      this.#byValue.set(dimensionValue, metrics);
    }
    let samples = metrics.get(metric);
    if (samples === undefined) {
      const dimensions = { [this.#dimension]: dimensionValue };
      samples = this.#registry.metric(this.#namespace, metric, this.#units[metric] ?? 'None', dimensions);
      metrics.set(metric, samples);
    }
    samples.add(value);
  }

  /** Ends the metrics of a resource that was deleted. */
  release(dimensionValue: string): void {
    for (const samples of this.#byValue.get(dimensionValue)?.values() ?? []) this.#registry.release(samples);
    this.#byValue.delete(dimensionValue);
  }

  close(): void {
    for (const dimensionValue of this.#byValue.keys()) this.release(dimensionValue);
  }
}

const lambdaOf = (dimension: string) => ({ namespace: 'AWS/Lambda', dimension });

/** Lambda's, per FunctionName (docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html). */
export class FunctionMetrics extends DimensionMetrics<typeof functionMetricUnits> {
  constructor(registry: MetricRegistry) {
    super(registry, lambdaOf('FunctionName'), functionMetricUnits);
  }
}

/** Lambda's, per EventSourceMappingUUID. */
export class MappingMetrics extends DimensionMetrics<typeof mappingMetricUnits> {
  constructor(registry: MetricRegistry) {
    super(registry, lambdaOf('EventSourceMappingUUID'), mappingMetricUnits);
  }
}

/** nagare's own, per FunctionName. */
export class StartMetrics extends DimensionMetrics<typeof startMetricUnits> {
  constructor(registry: MetricRegistry) {
    super(registry, { namespace: 'Nagare/Lambda', dimension: 'FunctionName' }, startMetricUnits);
  }
}
