import { setTimeout as sleep } from 'node:timers/promises';
import { cliLimits } from '../limits.ts';
import { isOfNetwork } from './s3.ts';

/** Whether the same request can succeed later: the connection broke, no server answers, or it refuses for now. */
function isPassing(error: unknown): boolean {
  if (isOfNetwork(error)) return true;
  const status = error instanceof Error && '$metadata' in error && error.$metadata;
  return typeof status === 'object' && (status as { httpStatusCode?: number }).httpStatusCode === 503;
}

/** How often a request of a long transfer is made again: for longer than the restart of a server takes. */
export class Patience {
  readonly #signal: AbortSignal;
  #failures = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Something has arrived: the next failure is the first. */
  renew(): void {
    this.#failures = 0;
  }

  /** Waits before the next attempt; rejects with the error if there is to be none. */
  async after(error: unknown): Promise<void> {
    this.#failures++;
    if (this.#signal.aborted || !isPassing(error) || this.#failures >= cliLimits.transferAttemptsMax) {
      throw error;
    }
    const pauseMs = Math.min(cliLimits.retryMsMax, cliLimits.retryMsMin * 2 ** this.#failures);
    await sleep(pauseMs, undefined, { signal: this.#signal });
  }
}
