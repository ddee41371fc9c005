import type { Histogram, MetricRegistry, MetricSamples } from '../metrics.ts';
import { type Family, labelOf } from './families.ts';
import { grouped, latencyName, type OwnMetric } from './grouped.ts';
import { telemetryLimits } from './limits.ts';
import { Turn } from './turn.ts';

export interface Exposition {
  readonly registry: MetricRegistry;
  readonly own: readonly OwnMetric[];
  /** With the metrics of shards. */
  readonly shards: boolean;
  readonly format: 'prometheus' | 'openmetrics';
}

/**
 * All metrics as text, in chunks (prometheus.io/docs/instrumenting/exposition_formats). Other work has most of the
 * time: a server with 10,000 streams has tens of thousands of lines.
 */
export async function* exposition({
  registry,
  own,
  shards,
  format,
}: Exposition): AsyncGenerator<Uint8Array, void, undefined> {
  const turn = new Turn();
  const { byFamily, leftOut } = await grouped(registry, shards, turn);
  const text = new Text(format);
  for (const metric of [...own, leftOut]) text.own(metric);
  for (const [operation, histogram] of registry.latencies) text.histogram(operation, histogram);
  for (const [family, members] of byFamily) {
    text.head(family.name, family.kind, family.help);
    for (const samples of members) {
      text.samples(family, samples);
      if (text.length >= telemetryLimits.chunkBytes) yield text.take();
      if (turn.isOver()) await turn.next();
    }
  }
  text.end();
  yield text.take();
}

/** Lines of the exposition format that wait to be sent. */
class Text {
  readonly #isOpenMetrics: boolean;
  #lines = '';

  constructor(format: Exposition['format']) {
    this.#isOpenMetrics = format === 'openmetrics';
  }

  get length(): number {
    return this.#lines.length;
  }

  take(): Uint8Array {
    const bytes = Buffer.from(this.#lines);
    this.#lines = '';
    return bytes;
  }

  /** OpenMetrics names a counter without its suffix. */
  head(name: string, kind: Family['kind'] | 'histogram', help: string): void {
    const called = kind === 'counter' && !this.#isOpenMetrics ? `${name}_total` : name;
    this.#lines += `# HELP ${called} ${help}\n# TYPE ${called} ${kind}\n`;
  }

  samples(
    { name, kind, scale }: Family,
    { identity, totalSum, totalCount, recentMaximum }: MetricSamples,
  ): void {
    const labels = labelsOf(identity.dimensions.map((one) => [labelOf(one.name), one.value]));
    if (kind === 'gauge') this.#line(name, labels, recentMaximum * scale);
    else if (kind === 'counter') this.#line(`${name}_total`, labels, totalSum * scale);
    else {
      this.#line(`${name}_sum`, labels, totalSum * scale);
      this.#line(`${name}_count`, labels, totalCount);
    }
  }

  own({ name, kind, help, values }: OwnMetric): void {
    this.head(name, kind, help);
    const suffix = kind === 'counter' ? '_total' : '';
    for (const { labels = {}, value } of values)
      this.#line(name + suffix, labelsOf(Object.entries(labels)), value);
  }

  /** Of whole milliseconds. */
  histogram(operation: string, { bounds, counts, sum }: Histogram): void {
    const name = latencyName(operation);
    this.head(name, 'histogram', `How long calls of ${operation} took`);
    let below = 0;
    for (const [at, count] of counts.entries()) {
      below += count;
      const bound = bounds[at];
      this.#line(`${name}_bucket`, `{le="${bound === undefined ? '+Inf' : bound / 1000}"}`, below);
    }
    this.#line(`${name}_sum`, '', sum / 1000);
    this.#line(`${name}_count`, '', below);
  }

  end(): void {
    if (this.#isOpenMetrics) this.#lines += '# EOF\n';
  }

  #line(name: string, labels: string, value: number): void {
    this.#lines += `${name}${labels} ${value}\n`;
  }
}

function labelsOf(labels: readonly (readonly [name: string, value: string])[]): string {
  const [only, ...others] = labels;
  if (only !== undefined && others.length === 0) return `{${only[0]}="${escaped(only[1])}"}`;
  if (labels.length === 0) return '';
  return `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
}

const ESCAPED = /[\\"\n]/;

function escaped(value: string): string {
  if (!ESCAPED.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
