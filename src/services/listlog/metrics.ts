import type { MetricRegistry, MetricSamples } from '../../metrics.ts';

/** `Nagare/ListLog` metrics by ListLogName. */
export class ListLogMetrics {
  readonly #registry: MetricRegistry;
  readonly #samples: Record<'lines' | 'rawLines' | 'bytes' | 'writeMs', MetricSamples>;

  constructor(registry: MetricRegistry, name: string) {
    const dimensions = { ListLogName: name };
    const metric = (metricName: string, unit: string): MetricSamples =>
      registry.metric('Nagare/ListLog', metricName, unit, dimensions);
    this.#registry = registry;
    this.#samples = {
      lines: metric('LinesWritten', 'Count'),
      rawLines: metric('RawLines', 'Count'),
      bytes: metric('BytesWritten', 'Bytes'),
      writeMs: metric('WriteLatency', 'Milliseconds'),
    };
  }

  count(lines: number, rawLines: number, bytes: number, durationMs: number): void {
    this.#samples.lines.add(lines);
    this.#samples.rawLines.add(rawLines);
    this.#samples.bytes.add(bytes);
    this.#samples.writeMs.add(durationMs);
  }

  release(): void {
    for (const samples of Object.values(this.#samples)) this.#registry.release(samples);
  }
}
