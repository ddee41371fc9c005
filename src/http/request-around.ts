import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { HttpRequest, Peer } from './message.ts';
import type { RequestBody } from './request-body.ts';
import type { ResponseReservation } from './response-memory-budget.ts';

/** A request with another way to read its body. */
export abstract class RequestAround implements HttpRequest {
  protected readonly inner: HttpRequest;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;

  constructor(inner: HttpRequest) {
    this.inner = inner;
    this.method = inner.method;
    this.path = inner.path;
    this.query = inner.query;
    this.headers = inner.headers;
  }

  get authority(): string {
    return this.inner.authority;
  }

  get httpVersion(): HttpRequest['httpVersion'] {
    return this.inner.httpVersion;
  }

  get secure(): boolean {
    return this.inner.secure;
  }

  get peer(): Peer {
    return this.inner.peer;
  }

  get undeclaredBytes(): number {
    return this.inner.undeclaredBytes ?? 0;
  }

  get responseMemory(): ResponseReservation {
    return this.inner.responseMemory;
  }

  get signal(): AbortSignal {
    return this.inner.signal;
  }

  abstract bodyAtHand(limitBytes: number): RequestBody | undefined;
  abstract body(limitBytes: number): Promise<RequestBody>;
  abstract stream(): Readable;
}
