import type { MetricRegistry, MetricSamples } from '../metrics.ts';
import { type Family, familyOf, isFormerName, isOfShard } from './families.ts';
import { telemetryLimits } from './limits.ts';
import type { Turn } from './turn.ts';

/** A metric that is read when it is asked for. */
export interface OwnMetric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

export interface Grouped {
  readonly byFamily: ReadonlyMap<Family, readonly MetricSamples[]>;
  /** How many label sets are left out. */
  readonly leftOut: OwnMetric;
}

/** The metrics of the registry by what they are called outside; a family has at most `labelSetsMax` of them. */
export async function grouped(registry: MetricRegistry, shards: boolean, turn: Turn): Promise<Grouped> {
  const byFamily = new Map<Family, MetricSamples[]>();
  let leftOut = 0;
  for (const samples of registry) {
    if (turn.isOver()) await turn.next();
    const { identity } = samples;
    if (isFormerName(identity) || (!shards && isOfShard(identity))) continue;
    const family = familyOf(identity);
    const members = byFamily.get(family);
    if (members === undefined) byFamily.set(family, [samples]);
    else if (members.length < telemetryLimits.labelSetsMax) members.push(samples);
    else leftOut++;
  }
  return { byFamily, leftOut: leftOutMetric(leftOut) };
}

function leftOutMetric(value: number): OwnMetric {
  const help = 'Label sets that are left out because their metric has too many';
  return { name: 'nagare_metrics_left_out', kind: 'gauge', help, values: [{ value }] };
}

/** What the latencies of an operation are called. */
export function latencyName(operation: string): string {
  return `nagare_kinesis_${operation.replaceAll(/(?<!^)([A-Z])/g, '_$1').toLowerCase()}_duration_seconds`;
}
