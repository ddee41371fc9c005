import { backoffMs } from '../../../support/backoff.ts';
import { sleep, type Clock } from '../../../support/clock.ts';
import { snapshotLimits } from './limits.ts';
import type { ObjectEntry, SnapshotObjects } from './objects.ts';

export interface RequestOptions {
  readonly objects: SnapshotObjects;
  readonly clock: Clock;
  /** Ends requests, and pauses between them. */
  readonly signal: AbortSignal;
}

/** Requests to the store of the snapshots, repeated some times when they fail. */
export class SnapshotRequests {
  readonly #options: RequestOptions;

  constructor(options: RequestOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /** With another signal. */
  until(signal: AbortSignal): SnapshotRequests {
    return new SnapshotRequests({ ...this.#options, signal: AbortSignal.any([signal, this.signal]) });
  }

  /** The body must be one that no other process writes: after a lost answer it tells whose the object is. */
  async create(key: string, body: Uint8Array): Promise<string | undefined> {
    const { objects } = this.#options;
    return await this.#retry(
      async () => (await objects.create(key, body)) ?? (await this.#ownTag(key, body)),
    );
  }

  /** As `create`. */
  async replace(key: string, etag: string, body: Uint8Array): Promise<string | undefined> {
    const { objects } = this.#options;
    return await this.#retry(
      async () => (await objects.replace(key, etag, body)) ?? (await this.#ownTag(key, body)),
    );
  }

  put(key: string, body: Uint8Array): Promise<void> {
    return this.#retry(() => this.#options.objects.put(key, body));
  }

  read(key: string): Promise<{ readonly etag: string; readonly body: Buffer } | undefined> {
    return this.#retry(() => this.#options.objects.read(key));
  }

  list(prefix: string): Promise<readonly ObjectEntry[]> {
    return this.#retry(() => this.#options.objects.list(prefix));
  }

  delete(key: string): Promise<void> {
    return this.#retry(() => this.#options.objects.delete(key));
  }

  async #ownTag(key: string, body: Uint8Array): Promise<string | undefined> {
    const found = await this.#options.objects.read(key);
    return found?.body.equals(body) === true ? found.etag : undefined;
  }

  async #retry<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    const { clock, signal } = this.#options;
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      try {
        return await untilAborted(request(), signal);
      } catch (error) {
        if (signal.aborted || failures >= snapshotLimits.attemptsMax) throw error;
        const pause = { initialMs: snapshotLimits.retryMsMin, maxMs: snapshotLimits.retryMsMax };
        await sleep(clock, backoffMs(pause, failures), signal);
      }
    }
  }
}

/** What is under way does not keep a server from stopping. */
function untilAborted<Answer>(asked: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', abort, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
