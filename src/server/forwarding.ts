import { type Forwarder, UnreachableError } from '../http/forwarder.ts';
import { type HttpResponse, MemoryBudgetError } from '../http/message.ts';
import type { Outgoing } from '../http/outgoing.ts';
import { reasonOf } from '../support/errno.ts';
import type { Log } from '../support/log.ts';
import { TransitionLog } from '../support/transition-log.ts';
import { serverLimits } from './limits.ts';

/** Status of a server that does not own the log, for the server that forwarded: HTTP's "misdirected request". */
const MISDIRECTED = 421;

/** Tells a misdirected request from one that the owner itself answers with the same status. */
const NOT_OWNER = 'x-nagare-not-owner';

/** Sends requests on to the owner of the shared log. */
export class Forwarding {
  readonly #forwarder: Forwarder;
  readonly #log: Log;
  readonly #reported = new TransitionLog();
  #last: string | undefined;
  #forwarded = 0;
  #forwardFailures = 0;
  #failingSinceMs: number | undefined;

  constructor(forwarder: Forwarder, log: Log) {
    this.#forwarder = forwarder;
    this.#log = log;
  }

  get counts() {
    return { forwarded: this.#forwarded, forwardFailures: this.#forwardFailures };
  }

  /**
   * Undefined when the request did not get there and can be tried again. When it may have got there, the client is asked
   * to repeat it, which the services recognize.
   */
  async forward(outgoing: Outgoing, url: string): Promise<HttpResponse | undefined> {
    try {
      const response = await this.#forwarder.forward(outgoing, url);
      this.#reached(url);
      const isMisdirected = response.status === MISDIRECTED && response.headers[NOT_OWNER] !== undefined;
      if (isMisdirected) return outgoing.isKept ? undefined : this.#repeat('the owner has changed');
      this.#forwarded++;
      return response;
    } catch (error) {
      if (error instanceof MemoryBudgetError) return unavailable(error.message);
      if (!(error instanceof UnreachableError)) throw error;
      this.#missed(url, reasonOf(error.cause));
      return error.isUntouched ? undefined : this.#repeat('the owner cannot be reached');
    }
  }

  #repeat(why: string): HttpResponse {
    this.#forwardFailures++;
    return unavailable(`${why}: try again`);
  }

  #reached(url: string): void {
    this.#failingSinceMs = undefined;
    if (this.#reported.cleared()) this.#log.info({ url }, 'the owner of the shared log is reached again');
  }

  /** An owner that has just left is no news. */
  #missed(url: string, reason: string): void {
    const nowMs = performance.now();
    this.#failingSinceMs ??= nowMs;
    if (nowMs - this.#failingSinceMs < serverLimits.forwardTroubleMs) return;
    if (this.#reported.changed(`${url}: ${reason}`))
      this.#log.warn({ url, reason }, 'the owner of the shared log cannot be reached from here');
  }

  /** Another machine, or this one, is the owner now. */
  turnTo(url: string | undefined): void {
    if (this.#last === url) return;
    if (this.#last !== undefined) this.#forwarder.leave(this.#last);
    this.#failingSinceMs = undefined;
    this.#last = url;
  }

  close(): void {
    this.#forwarder.close();
  }
}

/** To a server that has forwarded a request to this one, which is not the owner either. */
export function misdirected(): HttpResponse {
  return { status: MISDIRECTED, headers: { [NOT_OWNER]: '1' } };
}

/** AWS's SDKs repeat a request that ends with status 503, whatever the body. */
export function unavailable(message: string): HttpResponse {
  return {
    status: 503,
    headers: { 'Content-Type': 'application/json', 'Retry-After': '1' },
    body: JSON.stringify({ __type: 'ServiceUnavailable', message }),
  };
}
