import type { MetricRegistry, MetricSamples } from '../metrics.ts';

/** Counts the actions that services are refused, by service. */
export class RefusedActionMetrics {
  readonly #registry: MetricRegistry;
  readonly #counters = new Map<string, MetricSamples>();

  constructor(registry: MetricRegistry) {
    this.#registry = registry;
  }

  /** `service`: a principal, such as `lambda.alarms.cloudwatch.amazonaws.com`, which counts for `cloudwatch`. */
  add(service: string): void {
    const name = service.replace(/\.amazonaws\.com$/, '').replace(/^.*\./, '');
    this.#counterOf(name).add(1);
  }

  #counterOf(Service: string): MetricSamples {
    const known =
      this.#counters.get(Service) ??
      this.#registry.metric('Nagare/Permissions', 'RefusedActions', 'Count', { Service });
    this.#counters.set(Service, known);
    return known;
  }
}
