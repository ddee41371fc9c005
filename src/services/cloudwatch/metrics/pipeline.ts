import type { Engine } from '../../../engine/engine.ts';
import type { MetricRegistry } from '../../../metrics.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { Collector } from './collector.ts';
import { MetricStore } from './metric-store.ts';

export interface MetricPipelineOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Where the services register their counters. */
  readonly metrics: MetricRegistry;
  readonly log: Log;
}

/** Stores the services' counters as metrics. */
export interface MetricPipeline {
  readonly store: MetricStore;
  /** Collects all counters now; resolves when they are durable. */
  collect(): Promise<void>;
  /** What takes many commits ends. */
  quiesce(): void;
  /** Collects one last time: close it after the services that count and before the engine. */
  close(): Promise<void>;
}

export async function openMetricPipeline(options: MetricPipelineOptions): Promise<MetricPipeline> {
  const { engine, clock, metrics, log } = options;
  const store = await MetricStore.open(engine, clock, log);
  const collector = new Collector(metrics, store, clock, log);
  return {
    store,
    collect: () => collector.collect(),
    quiesce: () => store.stopMoving(),
    async close() {
      await collector.close();
      await store.close();
    },
  };
}
