import { backoffMs } from '../../support/backoff.ts';
import { sleep, type Clock } from '../../support/clock.ts';
import { reasonOf } from '../../support/errno.ts';
import type { Log } from '../../support/log.ts';
import { TransitionLog } from '../../support/transition-log.ts';

/** The log was closed, or the reader stopped, while a request was under way. */
export class LogClosedError extends Error {
  override readonly name = 'LogClosedError';
}

export interface RetryingOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Which log, for the lines that are written about it. */
  readonly about: Readonly<Record<string, string>>;
  /** The store, as the lines call it. */
  readonly store: string;
  /** Pause after the first failure; it doubles with each further one. */
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Repeats requests to the store of a shared log until they are answered. */
export class Retrying {
  readonly #options: RetryingOptions;
  readonly #closing = new AbortController();
  readonly #reported = new TransitionLog();

  constructor(options: RetryingOptions) {
    this.#options = options;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Repeats until the attempt succeeds, until it fails with an error that `isFinal` names, or until the signal aborts or
   * the log closes: then it rejects with LogClosedError. The log has one line when trouble starts and one when it ends.
   */
  async retry<Result>(
    attempt: () => Promise<Result>,
    isFinal: (error: unknown) => boolean,
    signal?: AbortSignal,
  ): Promise<Result> {
    const { clock, log, about, store } = this.#options;
    const stop = signal === undefined ? this.closing : AbortSignal.any([signal, this.closing]);
    for (let failures = 0; ; failures++) {
      if (stop.aborted) throw new LogClosedError('the shared log is closed');
      try {
        const result = await attempt();
        if (failures > 0 && this.#reported.cleared()) log.info(about, `${store} answers again`);
        return result;
      } catch (error) {
        if (isFinal(error)) throw error;
        if (stop.aborted) throw new LogClosedError('the shared log is closed', { cause: error });
        const reason = reasonOf(error);
        if (this.#reported.changed(reason)) {
          log.warn({ ...about, reason }, `${store} does not answer as it must; repeating the request`);
        }
        await sleep(clock, backoffMs(this.#options, failures + 1), stop);
      }
    }
  }

  /** Between two questions whose answer changes with time, or when `woken` aborts. Rejects with LogClosedError. */
  async pause(delayMs: number, signal?: AbortSignal, woken?: AbortSignal): Promise<void> {
    const stop = signal === undefined ? this.closing : AbortSignal.any([signal, this.closing]);
    const end = woken === undefined ? stop : AbortSignal.any([stop, woken]);
    await sleep(this.#options.clock, delayMs, end);
    if (stop.aborted) throw new LogClosedError('the shared log is closed');
  }

  close(): void {
    this.#closing.abort();
  }
}
