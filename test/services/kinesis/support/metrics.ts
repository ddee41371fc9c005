import type { MetricRegistry } from '../../../../src/metrics.ts';

export interface Samples {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** What was counted with exactly these dimensions, by the metric's name. */
export function taken(
  metrics: MetricRegistry,
  dimensions: Readonly<Record<string, string>>,
): Record<string, Samples> {
  const found: Record<string, Samples> = {};
  for (const samples of metrics) {
    const given = Object.fromEntries(samples.identity.dimensions.map(({ name, value }) => [name, value]));
    const same = Object.keys({ ...given, ...dimensions }).every((name) => given[name] === dimensions[name]);
    if (!same || samples.sampleCount === 0) continue;
    const { sampleCount, sum, minimum, maximum } = samples.take();
    found[samples.identity.name] = { sampleCount, sum, minimum, maximum };
  }
  return found;
}

/** Counted once. */
export function one(sum: number): Samples {
  return { sampleCount: 1, sum, minimum: sum, maximum: sum };
}
