import { cloudWatchLimits } from '../limits.ts';
import type { MetricRegistry, MetricSamples } from '../../../metrics.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { TransitionLog } from '../../../support/transition-log.ts';
import { metricKey } from './metric-identity.ts';
import type { MetricSample, MetricStore } from './metric-store.ts';

/** Each divides a minute, so that no round has samples of two minutes. */
const INTERVALS_MS = [1_000, 2_000, 5_000] as const;
const LONGEST_MS = 5_000;

/**
 * Stores the services' counters every second, or less often if there are so many metrics that it would slow the
 * services down. A killed server loses at most one interval, a closed one nothing. A collector without samples costs
 * one check.
 */
export class Collector {
  readonly #registry: MetricRegistry;
  readonly #store: Pick<MetricStore, 'add'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keys = new WeakMap<MetricSamples, string>();
  /** Samples that could not be stored yet. */
  #waiting: MetricSample[] = [];
  readonly #reported = new TransitionLog();
  #isDropping = false;
  #round: Promise<void> = Promise.resolve();
  #isInRound = false;
  #intervalMs: number = INTERVALS_MS[0];
  #cancel: () => void = () => {};

  constructor(registry: MetricRegistry, store: Pick<MetricStore, 'add'>, clock: Clock, log: Log) {
    this.#registry = registry;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#schedule();
  }

  /** Collects all samples now. Resolves when they are durable or could not be stored. */
  async collect(): Promise<void> {
    await this.#round;
    this.#round = this.#collect();
    await this.#round;
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.collect();
  }

  #schedule(): void {
    const delayMs = this.#intervalMs - (this.#clock.now() % this.#intervalMs);
    this.#cancel = this.#clock.schedule(delayMs, () => {
      if (!this.#isInRound) this.#round = this.#collect();
      this.#schedule();
    });
  }

  /** Collects page by page, so that requests are answered in between. */
  async #collect(): Promise<void> {
    this.#isInRound = true;
    // The samples are from the interval that has just ended.
    const timeMs = this.#clock.now() - this.#intervalMs / 2;
    let count = 0;
    let samples = this.#waiting;
    this.#waiting = [];
    for (const collector of this.#registry) {
      if (collector.sampleCount === 0) continue;
      count++;
      samples.push(this.#take(collector, timeMs));
      if (samples.length < cloudWatchLimits.metricSamplesPerPage) continue;
      await this.#put(samples);
      samples = [];
    }
    if (samples.length > 0) {
      await this.#put(samples);
      // All samples of this round and of earlier ones are stored.
      if (this.#waiting.length === 0) this.#wellAgain();
    }
    this.#intervalMs =
      INTERVALS_MS.find((ms) => count <= (ms / 1_000) * cloudWatchLimits.metricSamplesPerSecond) ??
      LONGEST_MS;
    this.#isInRound = false;
  }

  #take(collector: MetricSamples, timeMs: number): MetricSample {
    const { identity } = collector;
    let key = this.#keys.get(collector);
    if (key === undefined) {
      key = metricKey(identity);
      this.#keys.set(collector, key);
    }
    const { unit } = identity;
    return { metric: identity, key, timeMs, unit, set: collector.take(), highResolution: false };
  }

  #wellAgain(): void {
    if (this.#reported.cleared()) this.#log.info('metrics are stored again');
    this.#isDropping = false;
  }

  /** Samples that cannot be stored wait for the next round. */
  async #put(samples: MetricSample[]): Promise<void> {
    try {
      await this.#store.add(samples);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#reported.changed(reason)) {
        this.#log.warn(`could not store metrics; retrying every few seconds: ${reason}`);
      }
      const room = cloudWatchLimits.metricSamplesWaitingMax - this.#waiting.length;
      for (const sample of samples.slice(0, room)) this.#waiting.push(sample);
      if (samples.length > room && !this.#isDropping) {
        this.#isDropping = true;
        this.#log.warn('metrics are dropped from now on: too many are waiting to be stored');
      }
    }
  }
}
