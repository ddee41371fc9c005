import type { Log } from '../support/log.ts';
import type { BodyMemoryBudget } from './body-memory-budget.ts';
import type { HttpHandler } from './message.ts';
import type { ResponseMemoryBudget } from './response-memory-budget.ts';
import type { OpenRequests } from './open-requests.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** How long the server waits for a client, and during a shutdown for its own open requests. */
export interface Timeouts {
  /** From the first byte of a connection or request to the end of the headers. */
  readonly headersMs: number;
  /** To the end of the request's body. */
  readonly requestMs: number;
  /** From the end of one request to the start of the next. */
  readonly keepAliveMs: number;
  /** For a client to read any part of its response. */
  readonly writeMs: number;
  readonly shutdownGraceMs: number;
}

/** What answering a request needs, whatever the HTTP version. */
export interface ConnectionContext {
  readonly handler: HttpHandler;
  readonly open: OpenRequests;
  readonly room: BodyMemoryBudget;
  readonly responses: ResponseMemoryBudget;
  /** Undefined: no proxy is believed. */
  readonly proxies?: TrustedProxies | undefined;
  readonly log: Log;
  readonly timeouts: Timeouts;
}
