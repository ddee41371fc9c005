import { constants, type IncomingHttpHeaders as Http2Headers, type ServerHttp2Stream } from 'node:http2';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { sleep, systemClock } from '../support/clock.ts';
import { bodyStream, collectBody } from './body.ts';
import type { RequestBody } from './request-body.ts';
import { Http2Body } from './http2-body.ts';
import type { ConnectionContext } from './connection-context.ts';
import type { BodyReservation } from './body-memory-budget.ts';
import { discard, type HttpRequest, type HttpResponse, type Peer } from './message.ts';
import type { OpenRequests } from './open-requests.ts';
import { peerOf } from './peer.ts';
import { splitTarget } from './request-target.ts';
import { checkField } from './response-field.ts';
import { logFailure } from './log-failure.ts';
import { httpLimits } from './limits.ts';
import { ResponseReservation } from './response-memory-budget.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { piecesOf, sendStream } from './send-stream.ts';

class Http2Request implements HttpRequest {
  readonly httpVersion = '2.0';
  readonly #stream: ServerHttp2Stream;
  readonly #open: OpenRequests;
  readonly #share: BodyReservation;
  readonly #body: Http2Body;
  readonly #proxies: TrustedProxies | undefined;
  #abort: AbortController | undefined;
  readonly responseMemory: ResponseReservation;
  readonly headers: IncomingHttpHeaders;
  readonly authority: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;

  constructor(
    stream: ServerHttp2Stream,
    headers: Http2Headers,
    open: OpenRequests,
    share: BodyReservation,
    responseMemory: ResponseReservation,
    proxies?: TrustedProxies,
  ) {
    this.#proxies = proxies;
    this.#stream = stream;
    this.responseMemory = responseMemory;
    this.#open = open;
    this.#share = share;
    this.#body = new Http2Body(stream);
    this.headers = headers;
    this.authority = headers[':authority'] ?? this.headers.host ?? '';
    this.method = headers[':method'] ?? '';
    [this.path, this.query] = splitTarget(headers[':path'] ?? '/');
  }

  get secure(): boolean {
    return this.#stream.session?.encrypted ?? false;
  }

  get peer(): Peer {
    const { session } = this.#stream;
    // Node throws for the socket of a session that was destroyed.
    const peer = peerOf(session?.destroyed === false ? session.socket : undefined);
    return this.#proxies?.senderOf(peer, this.headers['x-forwarded-for']) ?? peer;
  }

  get undeclaredBytes(): number {
    return this.headers['content-length'] === undefined ? this.#body.takenBytes : 0;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = this.#open.abortable(this.#stream);
      if (this.#stream.destroyed) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  bodyAtHand(): undefined {
    return undefined;
  }

  body(limitBytes: number): Promise<RequestBody> {
    this.#continue();
    const length = this.headers['content-length'];
    const declared = length === undefined ? undefined : Number(length);
    return collectBody(this.#body, declared, limitBytes, this.#share);
  }

  stream(): Readable {
    this.#continue();
    return bodyStream(this.#body);
  }

  #continue(): void {
    if (this.headers.expect === '100-continue' && !this.#stream.headersSent) {
      this.#stream.additionalHeaders({ ':status': 100 });
    }
  }
}

/** Answers an HTTP/2 request. Never rejects: an error of the handler is logged and answered with 500. */
export async function answerHttp2(
  stream: ServerHttp2Stream,
  headers: Http2Headers,
  context: ConnectionContext,
): Promise<void> {
  const { handler, open, room, responses, proxies, log, timeouts } = context;
  const memory = new ResponseReservation(responses);
  const share = room.share();
  // A reset by the client is not an error of the server; it shows as 'close', which everyone who waits listens to.
  stream.on('error', (error) => log.debug({ err: error }, 'an HTTP/2 stream was reset'));
  const late = stream.endAfterHeaders
    ? undefined
    : setTimeout(() => cutIfIncomplete(stream), timeouts.requestMs);
  // A stream that closes before its response is complete was closed by the client.
  stream.once('close', () => {
    open.gone(stream);
    memory.free();
  });
  open.enter();
  try {
    const answer = await handler(new Http2Request(stream, headers, open, share, memory, proxies));
    if (answer.delayMs !== undefined) {
      share.free();
      await sleep(systemClock, answer.delayMs, open.draining);
    }
    if (stream.destroyed) return await discard(answer);
    const { body } = answer;
    await sendHead(stream, answer);
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
      if (body !== undefined) await sendWhole(body, stream, memory);
    } else {
      const stop = answer.endless === true ? open.draining : undefined;
      await sendStream(body, stream, memory, {
        stop,
        broken: answer.broken,
        cut: () => cutStream(stream),
      });
    }
    // Otherwise a client whose body is not read would wait for flow-control window to send the rest.
    if (!stream.readableEnded && !stream.destroyed) {
      stream.close(constants.NGHTTP2_NO_ERROR);
      stream.resume();
    }
  } catch (error) {
    logFailure(log, error);
    if (stream.destroyed) return;
    if (stream.headersSent) cutStream(stream, constants.NGHTTP2_INTERNAL_ERROR);
    else stream.respond(responseHeaders({ status: 500, headers: {} }), { endStream: true });
  } finally {
    clearTimeout(late);
    share.free();
    if (stream.closed) memory.free();
    open.leave(stream);
  }
}

async function sendWhole(
  body: string | Uint8Array,
  stream: ServerHttp2Stream,
  memory: ResponseReservation,
): Promise<void> {
  memory.raise(body.length);
  if (body.length > httpLimits.responsePieceBytes) {
    const pieces = piecesOf(typeof body === 'string' ? Buffer.from(body) : body);
    await sendStream(pieces, stream, memory, { cut: () => cutStream(stream) });
  } else stream.end(body);
  if (stream.closed) return;
  // Not awaited: the session holds what was written, and frees it when the stream is closed.
  const goOn = memory.stall(() => cutStream(stream));
  stream.once('close', goOn);
}

/**
 * Ends a stream whose client may not read. If the whole connection is stuck, the session would hold the data and the
 * reset too, so the session is ended.
 */
function cutStream(stream: ServerHttp2Stream, code: number = constants.NGHTTP2_CANCEL): void {
  const { session } = stream;
  const late = setTimeout(() => session?.destroy(), httpLimits.lingerMs);
  stream.once('close', () => clearTimeout(late));
  stream.close(code);
}

/** Sends the headers. If they are invalid, discards the body and rejects. */
async function sendHead(stream: ServerHttp2Stream, answer: HttpResponse): Promise<void> {
  try {
    stream.respond(responseHeaders(answer), { endStream: answer.body === undefined });
  } catch (error) {
    await discard(answer);
    throw error;
  }
}

function cutIfIncomplete(stream: ServerHttp2Stream): void {
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_CANCEL);
}

/** Throws for an invalid header field. */
function responseHeaders({ status, headers, body }: HttpResponse): Record<string, string | number> {
  const out: Record<string, string | number> = { ':status': status, 'x-content-type-options': 'nosniff' };
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    checkField(name, value);
    out[name.toLowerCase()] = value;
  }
  if (out['content-length'] === undefined && status !== 204 && status !== 304) {
    if (body === undefined) out['content-length'] = 0;
    else if (typeof body === 'string') out['content-length'] = Buffer.byteLength(body);
    else if (body instanceof Uint8Array) out['content-length'] = body.byteLength;
  }
  return out;
}
