import type { AnsweredRequest, RequestObserver } from '../protocol/observer.ts';
import type { Clock } from '../support/clock.ts';
import { callerOf } from './caller.ts';

/** A request as somebody who watches sees it: neither data nor secrets. */
export interface SeenRequest {
  readonly timeMs: number;
  /** `kinesis:PutRecord`, or the method and path of a request without an operation. */
  readonly operation: string;
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly durationMs: number;
  /** Who, by ARN or access key; empty if nobody signed it. */
  readonly caller: string;
  readonly address: string;
}

const PATH_LENGTH_MAX = 100;

/** Shows requests to those who watch. While nobody does, requests cost nothing more. */
export class RequestFeed implements RequestObserver {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #watchers = new Set<(request: SeenRequest) => void>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get isWatching(): boolean {
    return this.#watchers.size > 0;
  }

  /** The returned function ends it. */
  watch(watcher: (request: SeenRequest) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  answered(answered: AnsweredRequest): void {
    const { request, response, peer, outcome, durationMs } = answered;
    // Those of the pages that watch would never end.
    if (request.path.startsWith('/_nagare/console')) return;
    const { principal, accessKeyId } = callerOf(answered);
    const { service, operation, error } = outcome ?? {};
    const seen: SeenRequest = {
      timeMs: this.#clock.now(),
      operation:
        service === undefined || operation === undefined
          ? `${request.method} ${request.path.slice(0, PATH_LENGTH_MAX)}`
          : `${service.name}:${operation}`,
      status: response.status,
      errorCode: error?.code,
      durationMs,
      caller: principal ?? accessKeyId ?? '',
      address: peer.address,
    };
    for (const watcher of this.#watchers) watcher(seen);
  }
}
