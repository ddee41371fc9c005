import type { MetricRegistry, MetricSamples } from '../../../metrics.ts';

const UNITS = {
  IncomingBytes: 'Bytes',
  IncomingRecords: 'Count',
  OutgoingBytes: 'Bytes',
  OutgoingRecords: 'Count',
  WriteProvisionedThroughputExceeded: 'Count',
  ReadProvisionedThroughputExceeded: 'Count',
  IteratorAgeMilliseconds: 'Milliseconds',
} as const;

export type ShardMetricName = keyof typeof UNITS;

/** The metrics that `ALL` stands for, in AWS's order. */
export const SHARD_METRICS = Object.keys(UNITS) as ShardMetricName[]; // the keys of a literal

/** Enhanced monitoring: the collectors of one shard, for the enabled metrics. */
export class ShardMetrics {
  readonly #registry: MetricRegistry;
  readonly #collectors = new Map<string, MetricSamples>();

  constructor(registry: MetricRegistry, streamName: string, shardId: string, enabled: readonly string[]) {
    this.#registry = registry;
    for (const name of SHARD_METRICS) {
      if (!enabled.includes(name)) continue;
      const dimensions = { StreamName: streamName, ShardId: shardId };
      this.#collectors.set(name, registry.metric('AWS/Kinesis', name, UNITS[name], dimensions));
    }
  }

  add(name: ShardMetricName, value: number): void {
    this.#collectors.get(name)?.add(value);
  }

  release(): void {
    for (const samples of this.#collectors.values()) this.#registry.release(samples);
  }
}
