import { isForwarded } from '../http/forwarder.ts';
import { httpLimits } from '../http/limits.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import { bodyBytes, Outgoing } from '../http/outgoing.ts';
import { sleep, type Clock } from '../support/clock.ts';
import { misdirected, unavailable } from './forwarding.ts';
import { serverLimits } from './limits.ts';

/** Where requests are answered at present, when several machines share a log. */
export type Door =
  | Here
  /** The owner of the shared log, at another machine. */
  | { readonly kind: 'there'; readonly url: string }
  | { readonly kind: 'none' };

interface Here {
  readonly kind: 'here';
  readonly handler: HttpHandler;
  /** No other machine can have taken over: what is read here is not old. */
  isCurrent(): boolean;
  /** Resolves when this machine knows whether it still is the owner. Never rejects. */
  confirm(): Promise<void>;
}

export interface DoorwayOptions {
  readonly clock: Clock;
  /** Sends a request on to the owner; undefined when it did not get through, and can be tried again. */
  readonly forward: (outgoing: Outgoing, url: string) => Promise<HttpResponse | undefined>;
  /** Answers a request at a machine that is not the owner; undefined when the owner has to. */
  readonly read?: (outgoing: Outgoing) => Promise<HttpResponse | undefined>;
}

/**
 * Lets requests through to where they are answered. While that is nowhere they wait, so many at most and so long: a
 * client sees a pause in place of an error.
 */
export class Doorway {
  readonly #options: DoorwayOptions;
  #door: Door = { kind: 'none' };
  #moved = Promise.withResolvers<void>();
  #waiting = 0;
  #waitingBytes = 0;
  readonly #closing = new AbortController();
  /** Requests that are answered here: each resolves with its answer. */
  readonly #inside = new Set<Promise<unknown>>();

  constructor(options: DoorwayOptions) {
    this.#options = options;
  }

  get door(): Door {
    return this.#door;
  }

  /** Requests that wait for an owner. */
  get waiting(): number {
    return this.#waiting;
  }

  move(door: Door): void {
    this.#door = door;
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  /** Requests do not wait any more. */
  close(): void {
    this.#closing.abort();
  }

  async pass(request: HttpRequest): Promise<HttpResponse> {
    const door = this.#door;
    if (door.kind === 'here' && door.isCurrent()) return await this.#answer(door, request);
    const outgoing = new Outgoing(request);
    const { read } = this.#options;
    const answer = read === undefined || isForwarded(request) ? undefined : await read(outgoing);
    return answer ?? (await this.#tryAll(outgoing)) ?? unavailable(this.#refusal());
  }

  /** Resolves when the requests that are answered here at present have their answers, or after so long. */
  async answered(withinMs: number): Promise<void> {
    if (this.#inside.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    void Promise.allSettled(this.#inside).then(() => resolve());
    const cancel = this.#options.clock.schedule(withinMs, resolve);
    await promise;
    cancel();
  }

  async #answer({ handler }: Here, request: HttpRequest): Promise<HttpResponse> {
    const answering = handler(request);
    this.#inside.add(answering);
    try {
      return await answering;
    } finally {
      this.#inside.delete(answering);
    }
  }

  async #tryAll(outgoing: Outgoing): Promise<HttpResponse | undefined> {
    const { clock, forward } = this.#options;
    const { request } = outgoing;
    const late = new AbortController();
    const cancel = clock.schedule(serverLimits.holdRequestMs, () => late.abort());
    const signal = AbortSignal.any([late.signal, request.signal, this.#closing.signal]);
    try {
      while (!signal.aborted) {
        const door = this.#door;
        if (door.kind === 'here' && door.isCurrent()) {
          // Without its body, only a repeat by the client can be answered here.
          const again = outgoing.again();
          return again && (await this.#answer(door, again));
        }
        if (door.kind === 'there') {
          if (isForwarded(request)) return misdirected();
          const response = await forward(outgoing, door.url);
          if (response !== undefined) return response;
        }
        if (!(await this.#wait(request, door, signal))) return undefined;
      }
      return undefined;
    } finally {
      cancel();
    }
  }

  /** Until the owner may have changed. False if there is no room. */
  async #wait(request: HttpRequest, door: Door, signal: AbortSignal): Promise<boolean> {
    const { heldRequestsMax, heldBytesMax } = serverLimits;
    // Of a body that is not read, no more arrives than the window of flow control.
    const bytes = Math.min(bodyBytes(request), httpLimits.http2WindowBytes);
    if (this.#waiting >= heldRequestsMax || this.#waitingBytes + bytes > heldBytesMax) return false;
    this.#waiting++;
    this.#waitingBytes += bytes;
    try {
      if (door.kind === 'none') await aborted(signal, this.#moved.promise);
      else if (door.kind === 'there')
        await aborted(signal, Promise.race([this.#pause(signal), this.#moved.promise]));
      else {
        await aborted(signal, Promise.race([door.confirm(), this.#moved.promise]));
        if (this.#door === door && !door.isCurrent()) await this.#pause(signal);
      }
      return true;
    } finally {
      this.#waiting--;
      this.#waitingBytes -= bytes;
    }
  }

  #pause(signal: AbortSignal): Promise<void> {
    return sleep(this.#options.clock, serverLimits.forwardRetryMs, signal);
  }

  #refusal(): string {
    const { kind } = this.#door;
    if (kind === 'there') return `the owner of the shared log, ${this.#door.url}, does not answer: try again`;
    return kind === 'here'
      ? 'the shared log cannot be reached at present: try again'
      : 'no machine owns the shared log at present: try again';
  }
}

/** Resolves when the signal aborts, or earlier. */
async function aborted(signal: AbortSignal, earlier: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const finish = (): void => resolve();
  signal.addEventListener('abort', finish, { once: true });
  await Promise.race([promise, earlier]);
  signal.removeEventListener('abort', finish);
}
