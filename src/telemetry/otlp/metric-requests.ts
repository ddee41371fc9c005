import type { Histogram, MetricRegistry, MetricSamples } from '../../metrics.ts';
import { type Family, labelOf } from '../families.ts';
import { grouped, latencyName, type OwnMetric } from '../grouped.ts';
import { telemetryLimits } from '../limits.ts';
import { Turn } from '../turn.ts';
import type { Form } from './form.ts';
import { CUMULATIVE, type Encoded, keyValues, type Message } from './messages.ts';
import { scope } from './resource.ts';

export interface MetricSources {
  readonly registry: MetricRegistry;
  readonly own: readonly OwnMetric[];
  readonly resource: Message;
  readonly form: Form;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/**
 * All metrics of /metrics, under the same names and labels, as requests of a bounded size. Counters are cumulative
 * since the start of the process.
 */
export async function* metricRequests(sources: MetricSources): AsyncGenerator<Uint8Array, void, undefined> {
  const turn = new Turn();
  const { byFamily, leftOut } = await grouped(sources.registry, false, turn);
  const request = new Request(sources);
  for (const metric of [...sources.own, leftOut]) request.own(metric);
  for (const [operation, histogram] of sources.registry.latencies) request.latency(operation, histogram);
  for (const [family, members] of byFamily) {
    request.begin(family);
    for (const samples of members) {
      request.samples(family, samples);
      if (request.isFull()) {
        yield request.take();
        request.begin(family);
      }
      if (turn.isOver()) await turn.next();
    }
  }
  yield request.take();
}

interface Described {
  readonly name: string;
  readonly kind: Family['kind'] | OwnMetric['kind'] | 'histogram';
  readonly help: string;
}

/** A request that is filled. */
class Request {
  readonly #form: Form;
  readonly #resource: Message;
  readonly #times: { readonly startTimeUnixNano: number; readonly timeUnixNano: number };
  #metrics: Encoded[] = [];
  #described: Described | undefined;
  #points: Encoded[] = [];
  #bytes = 0;

  constructor({ form, resource, nowMs }: MetricSources) {
    this.#form = form;
    this.#resource = resource;
    this.#times = { startTimeUnixNano: performance.timeOrigin, timeUnixNano: nowMs };
  }

  isFull(): boolean {
    return this.#bytes >= telemetryLimits.otlpRequestBytes;
  }

  take(): Uint8Array {
    this.#end();
    const scopeMetrics = [{ scope: scope(), metrics: this.#metrics }];
    const { content } = this.#form.encode('MetricsData', {
      resourceMetrics: [{ resource: this.#resource, scopeMetrics }],
    });
    this.#metrics = [];
    this.#bytes = 0;
    return Buffer.from(content);
  }

  begin(described: Described): void {
    this.#end();
    this.#described = described;
  }

  own(metric: OwnMetric): void {
    this.begin(metric);
    for (const { labels = {}, value } of metric.values) this.#number(labels, value);
  }

  latency(operation: string, { bounds, counts, sum }: Histogram): void {
    const help = `How long calls of ${operation} took`;
    this.begin({ name: latencyName(operation), kind: 'histogram', help });
    this.#point('HistogramDataPoint', {
      count: counts.reduce((total, count) => total + count, 0),
      sum: sum / 1000,
      bucketCounts: [...counts],
      explicitBounds: bounds.map((ms) => ms / 1000),
    });
  }

  samples({ kind, scale }: Family, samples: MetricSamples): void {
    const { dimensions } = samples.identity;
    const labels = Object.fromEntries(dimensions.map(({ name, value }) => [labelOf(name), value]));
    if (kind === 'gauge') this.#number(labels, samples.recentMaximum * scale);
    else if (kind === 'counter') this.#number(labels, samples.totalSum * scale);
    else {
      // A histogram of one bucket: the sum and the number.
      this.#point('HistogramDataPoint', {
        attributes: keyValues(labels),
        count: samples.totalCount,
        sum: samples.totalSum * scale,
      });
    }
  }

  #number(labels: Readonly<Record<string, string>>, value: number): void {
    this.#point('NumberDataPoint', { attributes: keyValues(labels), asDouble: value });
  }

  #point(name: 'NumberDataPoint' | 'HistogramDataPoint', content: Message): void {
    const point = this.#form.encode(name, { ...this.#times, ...content });
    this.#points.push(point);
    this.#bytes += point.bytes;
  }

  /** A metric without a sample is left out. */
  #end(): void {
    const dataPoints = this.#points;
    if (this.#described === undefined || dataPoints.length === 0) return;
    const { name, kind, help } = this.#described;
    const data = { dataPoints, aggregationTemporality: CUMULATIVE };
    const metric = this.#form.encode('Metric', {
      name,
      description: help,
      unit: unitOf(name),
      ...(kind === 'gauge' && { gauge: { dataPoints } }),
      ...(kind === 'counter' && { sum: { ...data, isMonotonic: true } }),
      ...((kind === 'summary' || kind === 'histogram') && { histogram: data }),
    });
    this.#metrics.push(metric);
    this.#points = [];
  }
}

/** In UCUM. Counts have none, so that collectors add no suffix to the names of /metrics. */
function unitOf(name: string): string {
  if (name.endsWith('_seconds')) return 's';
  return name.endsWith('_bytes') ? 'By' : '';
}
