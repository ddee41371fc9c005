import type { MetricRegistry } from '../../metrics.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import type { OwnMetric } from '../grouped.ts';
import type { Exporter } from './exporter.ts';
import type { Form } from './form.ts';
import type { Message } from './messages.ts';
import { metricRequests } from './metric-requests.ts';

export interface MetricReaderOptions {
  readonly exporter: Exporter;
  readonly form: Form;
  readonly resource: Message;
  readonly registry: MetricRegistry;
  readonly own: () => Promise<readonly OwnMetric[]>;
  readonly intervalMs: number;
  /** Of an export of all metrics. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Exports all metrics at an interval. What a collector has not taken is not sent again: the next export has the newer
 * sums.
 */
export class MetricReader {
  readonly #options: MetricReaderOptions;
  readonly #closing = new AbortController();
  #cancelTimer: () => void;
  #running: Promise<void> | undefined;

  constructor(options: MetricReaderOptions) {
    this.#options = options;
    this.#cancelTimer = this.#schedule();
  }

  /** Exports the last values, until `stop` aborts. */
  async close(stop: AbortSignal): Promise<void> {
    this.#cancelTimer();
    stop.addEventListener('abort', () => this.#closing.abort(), { once: true });
    await this.#running;
    this.#cancelTimer();
    await this.#export();
  }

  #schedule(): () => void {
    return this.#options.clock.schedule(this.#options.intervalMs, () => {
      this.#running = this.#export().finally(() => {
        this.#running = undefined;
        this.#cancelTimer = this.#schedule();
      });
    });
  }

  /** Never rejects. */
  async #export(): Promise<void> {
    try {
      await this.#exportAll();
    } catch (error) {
      this.#options.log.error({ err: error }, 'the metrics cannot be collected for export');
    }
  }

  async #exportAll(): Promise<void> {
    const { exporter, form, resource, registry, own, timeoutMs, clock } = this.#options;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
    const sources = { registry, own: await own(), resource, form, nowMs: clock.now() };
    for await (const request of metricRequests(sources)) {
      if (signal.aborted || (await exporter.send(request, signal)) === undefined) return;
    }
  }
}
