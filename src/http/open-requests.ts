import { setMaxListeners } from 'node:events';

/** The requests in progress: asks them to stop, and waits until all have stopped. */
export class OpenRequests {
  readonly #aborts = new Map<object, AbortController>();
  readonly #draining = new AbortController();
  #open = 0;
  #idle: (() => void)[] = [];

  constructor() {
    // There is one listener for each endless response.
    setMaxListeners(0, this.#draining.signal);
  }

  /** Aborts when the server starts to shut down: endless responses end then. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  enter(): void {
    this.#open++;
  }

  leave(request: object): void {
    this.#open--;
    if (this.#aborts.size > 0) this.#aborts.delete(request);
    if (this.#open === 0 && this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Returns a controller that is aborted by `gone` or by `abortAll`, until the request is answered. */
  abortable(request: object): AbortController {
    const abort = new AbortController();
    this.#aborts.set(request, abort);
    return abort;
  }

  /** Called when the request's client has left. */
  gone(request: object): void {
    this.#aborts.get(request)?.abort();
    this.#aborts.delete(request);
  }

  drain(): void {
    this.#draining.abort();
  }

  /** Aborts the requests that are still in progress: nothing waits for their responses any more. */
  abortAll(): void {
    for (const abort of this.#aborts.values()) abort.abort();
  }

  /** Resolves when no request is open. */
  idle(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }
}
