import type { Log } from '../support/log.ts';
import type { BodyMemoryBudget } from './body-memory-budget.ts';
import type { HttpHandler } from './message.ts';
import type { ResponseMemoryBudget } from './response-memory-budget.ts';
import type { OpenRequests } from './open-requests.ts';

/** How long the server waits for a client, and at its end for its own open requests. */
export interface Timeouts {
  /** From a connection's or request's first byte to the end of the request's headers. */
  readonly headersMs: number;
  /** To the end of the request's body. */
  readonly requestMs: number;
  /** From one request's end to the next one's beginning. */
  readonly keepAliveMs: number;
  /** For a client to take anything of its answer. */
  readonly takeMs: number;
  readonly shutdownGraceMs: number;
}

/** What answering a request needs, whatever HTTP version it came by. */
export interface ConnectionContext {
  readonly handler: HttpHandler;
  readonly open: OpenRequests;
  readonly room: BodyMemoryBudget;
  readonly responses: ResponseMemoryBudget;
  readonly log: Log;
  readonly timeouts: Timeouts;
}
