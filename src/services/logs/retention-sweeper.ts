import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { logsLimits } from './limits.ts';
import type { LogStore } from './log-store.ts';

/** Removes the files of expired events. Readers do not depend on it: they never see an expired event. */
export class RetentionSweeper {
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #log: Log;
  #cancel: () => void = () => {};
  #sweeping: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(store: LogStore, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#schedule();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancel();
    await this.#sweeping;
  }

  #schedule(): void {
    if (this.#closing.signal.aborted) return;
    this.#cancel = this.#clock.schedule(logsLimits.retentionSweepMs, () => {
      this.#sweeping = this.#store
        .expire(this.#closing.signal)
        .catch((error: unknown) => this.#log.error({ err: error }, 'removing expired log events failed'))
        .finally(() => this.#schedule());
    });
  }
}
