import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { ResponseReservation } from './response-memory-budget.ts';

/** One request as it came off the socket, whatever HTTP version it came by. Header names are lower case. */
export interface HttpRequest {
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  /** As sent, still percent-encoded, without the `?`; empty when there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** For whom it is: by a target that is a whole URL, by :authority, or by Host; empty when the client sent none. */
  readonly authority: string;
  readonly httpVersion: '1.0' | '1.1' | '2.0';
  /** True when it came over TLS. */
  readonly secure: boolean;
  /** The memory of the response, for handlers that can choose how large it becomes. */
  readonly responseMemory: ResponseReservation;
  /** Aborts when the client is gone or the server stops waiting for open requests. */
  readonly signal: AbortSignal;
  /** The whole body, if it is here already and within the limits of `body`; then it is taken. */
  bodyAtHand(limitBytes: number): Buffer | undefined;
  /** The whole body. Rejects with BodyTooLargeError past `limitBytes`, with NoRoomError, and with ClientGoneError when it is cut short. */
  body(limitBytes: number): Promise<Buffer>;
  /** The body as it arrives, for what is too large to hold. Use one of the three, once. */
  stream(): Readable;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Bytes are sent at once with their content-length. An async iterable is sent as it yields, and is asked for
   * more only when the client has taken what it got; its `return` is called when the client goes away.
   */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** The memory of the body's bytes is nobody else's, and may be given back when they are sent. */
  readonly disposable?: boolean;
  /** The body has no end of its own (a subscription): a server that wants to stop ends it at once. */
  readonly endless?: boolean;
}

/** Lets go of a response that nobody will be sent: what its body holds (a file) is closed. */
export async function discard({ body }: HttpResponse): Promise<void> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return;
  await body[Symbol.asyncIterator]().return?.();
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`the request body is larger than ${limitBytes} bytes`);
    this.limitBytes = limitBytes;
  }
}

/** So much is held in memory for other requests that this one is not taken in. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';

  constructor() {
    super('Too many bytes are under way. Try again.');
  }
}

export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}
