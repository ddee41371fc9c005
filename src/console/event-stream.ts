import { randomBytes } from 'node:crypto';
import type { Clock } from '../support/clock.ts';
import { consoleLimits } from './limits.ts';

/** Where a subscription sends its messages. */
export interface Outlet {
  /** Resolves when there is room for the next message. */
  send(message: object): Promise<void>;
}

/**
 * The server-sent events of one browser. Messages of all subscriptions go through it; a slow browser makes them wait.
 * Not a generator: `return` must end a pending `next`.
 */
export class EventStream implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  /** Unguessable: it is what subscriptions name. */
  readonly id = randomBytes(18).toString('base64url');
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #subscriptions = new Map<string, AbortController>();
  #queued: string[] = [];
  #queuedBytes = 0;
  #wake: (() => void) | undefined;
  #room = Promise.withResolvers<void>();
  #cancelHeartbeat: () => void = () => {};
  #isEnding = false;
  readonly #cancelEnd: () => void;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#cancelEnd = clock.schedule(consoleLimits.eventStreamMsMax, () => {
      this.#isEnding = true;
      this.#push(eventOf('end', {}));
    });
    this.#push(eventOf('hello', { id: this.id }));
  }

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** Starts a subscription; one of the same name ends. `run` must end when its signal aborts. */
  subscribe(name: string, run: (outlet: Outlet, signal: AbortSignal) => Promise<void>): void {
    this.unsubscribe(name);
    const stop = new AbortController();
    this.#subscriptions.set(name, stop);
    const signal = AbortSignal.any([stop.signal, this.signal]);
    const outlet: Outlet = { send: (message) => this.#send(name, message, signal) };
    const ended = (error: unknown): void => {
      if (!signal.aborted) this.#push(`data: ${JSON.stringify({ sub: name, ended: endOf(error) })}\n\n`);
      if (this.#subscriptions.get(name) === stop) this.#subscriptions.delete(name);
    };
    run(outlet, signal).then(() => ended(undefined), ended);
  }

  unsubscribe(name: string): void {
    this.#subscriptions.get(name)?.abort();
    this.#subscriptions.delete(name);
  }

  async #send(name: string, message: object, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#push(`data: ${JSON.stringify({ sub: name, ...message })}\n\n`);
    while (this.#queuedBytes > consoleLimits.eventBytesQueuedMax && !signal.aborted) await this.#room.promise;
  }

  #push(text: string): void {
    if (this.signal.aborted) return;
    this.#queued.push(text);
    this.#queuedBytes += text.length;
    this.#wake?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#queued.length === 0 && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#cancelHeartbeat = this.#clock.schedule(consoleLimits.heartbeatMs, () =>
          this.#push(eventOf('alive', {})),
        );
      });
      this.#cancelHeartbeat();
      this.#wake = undefined;
    }
    if (this.signal.aborted) return { done: true, value: undefined };
    const value = Buffer.from(this.#queued.join(''));
    this.#queued = [];
    this.#queuedBytes = 0;
    this.#room.resolve();
    this.#room = Promise.withResolvers();
    if (this.#isEnding) this.close();
    return { done: false, value };
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  close(): void {
    this.#closing.abort();
    this.#cancelHeartbeat();
    this.#cancelEnd();
    this.#room.resolve();
    this.#wake?.();
  }
}

/** With data, without which browsers pass no event on. */
function eventOf(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function endOf(error: unknown): object {
  if (error === undefined) return { reason: 'done' };
  return { reason: 'failed', message: error instanceof Error ? error.message : 'it failed' };
}
