import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { RequestBody } from './request-body.ts';
import type { ResponseReservation } from './response-memory-budget.ts';

/** A request, whatever the HTTP version. Header names are lower case. */
export interface HttpRequest {
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  /** As sent, still percent-encoded, without the `?`; empty when there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /**
   * The host of the request: from a target that is a whole URL, from :authority, or from Host; empty if the client
   * sent none.
   */
  readonly authority: string;
  readonly httpVersion: '1.0' | '1.1' | '2.0';
  /** True when it came over TLS. */
  readonly secure: boolean;
  readonly peer: Peer;
  /** Bytes of the body that have arrived so far, if the head does not state its length. */
  readonly undeclaredBytes?: number;
  /** The memory of the response, for handlers that can choose its size. */
  readonly responseMemory: ResponseReservation;
  /** Aborts when the client has left or the server stops waiting for open requests. */
  readonly signal: AbortSignal;
  /**
   * Returns the whole body if it has arrived already and is within the limits of `body`. The body is then consumed.
   */
  bodyAtHand(limitBytes: number): RequestBody | undefined;
  /**
   * Returns the whole body. Rejects with BodyTooLargeError above `limitBytes`, with MemoryBudgetError when the memory
   * budget is used up, and with ClientGoneError when the client leaves.
   */
  body(limitBytes: number): Promise<RequestBody>;
  /** Returns the body as a stream, for bodies too large to hold in memory. Use one of the three methods, once. */
  stream(): Readable;
  /** Verifies the chunks of a body that is sent in signed chunks; undefined for any other body. */
  readonly chunkSignatures?: ChunkSignatures | undefined;
}

/** The other end of a connection. */
export interface Peer {
  /** An IP address, without the prefix of IPv4 addresses within IPv6; empty if the connection was closed too early. */
  readonly address: string;
  readonly tls: TlsSession | undefined;
}

export interface TlsSession {
  /** `TLSv1.3` */
  readonly version: string;
  /** IANA's name, such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
}

export interface ChunkSignatures {
  readonly chain: SignedChunks;
  /** Signed trailers follow the chunks. */
  readonly hasTrailer: boolean;
}

/** Verifies the signatures of chunks, in their order. All methods throw ServiceError. */
export interface SignedChunks {
  begin(signature: string): void;
  data(bytes: Uint8Array): void;
  end(): void;
  /** `lines` are `<name>:<value>\n` each. */
  trailers(lines: string, signature: string): void;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Bytes are sent at once, with a content-length. An async iterable is sent as it yields; the next chunk is
   * requested when the client has read the last one, and `return` is called when the client leaves.
   */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Nothing else uses the memory of the body, or of its chunks, so it may be released when it has been sent. */
  readonly disposable?: boolean;
  /** How much later it is sent; what the request holds is freed before. */
  readonly delayMs?: number;
  /** The body does not end by itself (a subscription): a server that shuts down ends it at once. */
  readonly endless?: boolean;
  /** Aborts when the body has broken off, so that its `next` rejects: a client that does not read learns it, too. */
  readonly broken?: AbortSignal;
}

/** Discards a response that will not be sent: closes what its body holds open, such as a file. */
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

/** The memory budget for request bodies is used up, so this request is refused. */
export class MemoryBudgetError extends Error {
  override readonly name = 'MemoryBudgetError';

  constructor() {
    super('Too many bytes are in progress. Try again.');
  }
}

export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}
