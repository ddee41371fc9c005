import { limits } from '../limits.ts';
import type { MetricRegistry, MetricSamples } from '../metrics.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { metricKey } from './metric-identity.ts';
import type { MetricSample, MetricStore } from './metric-store.ts';

/**
 * Takes what the services counted, once a second on the clock, into the store. A killed server loses at most that
 * second; a closed one nothing. A collector without samples costs one look.
 */
export class Collector {
  readonly #registry: MetricRegistry;
  readonly #store: MetricStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keys = new WeakMap<MetricSamples, string>();
  #waiting: MetricSample[] = [];
  #storing: Promise<void> | undefined;
  #cancel: () => void = () => {};

  constructor(registry: MetricRegistry, store: MetricStore, clock: Clock, log: Log) {
    this.#registry = registry;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#schedule();
  }

  /** Takes all samples now; resolves when they are durable, or could not be made so. */
  async collect(): Promise<void> {
    await this.#storing;
    this.#take();
    this.#storing ??= this.#storeWaiting().finally(() => (this.#storing = undefined));
    await this.#storing;
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.collect();
  }

  #schedule(): void {
    const delayMs = limits.metricDrainIntervalMs - (this.#clock.now() % limits.metricDrainIntervalMs);
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#take();
      this.#storing ??= this.#storeWaiting().finally(() => (this.#storing = undefined));
      this.#schedule();
    });
  }

  /** The samples belong to the second that has just ended. */
  #take(): void {
    const timeMs = this.#clock.now() - limits.metricDrainIntervalMs / 2;
    for (const samples of this.#registry) {
      if (samples.sampleCount === 0) continue;
      const { identity } = samples;
      let key = this.#keys.get(samples);
      if (key === undefined) {
        key = metricKey(identity);
        this.#keys.set(samples, key);
      }
      const { unit } = identity;
      this.#waiting.push({ metric: identity, key, timeMs, unit, set: samples.take(), highResolution: false });
    }
    const surplus = this.#waiting.length - limits.metricSamplesWaitingMax;
    if (surplus <= 0) return;
    this.#waiting.splice(0, surplus);
    this.#log.warn({ samples: surplus }, 'metrics were dropped: the store does not take them');
  }

  /** What could not be stored waits for the next second. */
  async #storeWaiting(): Promise<void> {
    const samples = this.#waiting;
    if (samples.length === 0) return;
    this.#waiting = [];
    try {
      await this.#store.add(samples);
    } catch (error) {
      this.#waiting.unshift(...samples);
      this.#log.warn({ error }, 'metrics could not be stored; trying again');
    }
  }
}
