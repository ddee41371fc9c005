import { setMaxListeners } from 'node:events';

/** The requests being answered: who is asked to stop, and who waits until all have stopped. */
export class OpenRequests {
  readonly #aborts = new Map<object, AbortController>();
  readonly #draining = new AbortController();
  #open = 0;
  #idle: (() => void)[] = [];

  constructor() {
    // As many as there are responses without an end.
    setMaxListeners(0, this.#draining.signal);
  }

  /** Aborts when the server wants to stop: what has no end of its own ends then. */
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

  /** A controller that aborts by `gone` or by `abortAll`, until the request is answered. */
  abortable(request: object): AbortController {
    const abort = new AbortController();
    this.#aborts.set(request, abort);
    return abort;
  }

  /** The request's client has gone. */
  gone(request: object): void {
    this.#aborts.get(request)?.abort();
    this.#aborts.delete(request);
  }

  drain(): void {
    this.#draining.abort();
  }

  /** Tells those who are still at work that nobody waits for them any more. */
  abortAll(): void {
    for (const abort of this.#aborts.values()) abort.abort();
  }

  /** Resolves when no request is open. */
  idle(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }
}
