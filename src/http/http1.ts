import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { limits } from '../limits.ts';
import { bodyStream, collectBody, discardRest } from './body.ts';
import type { Answering } from './answering.ts';
import type { BodyShare } from './body-room.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import type { OpenRequests } from './open-requests.ts';
import { splitTarget } from './request-target.ts';
import { sendStream } from './send-stream.ts';

const EMPTY = Promise.resolve(Buffer.alloc(0));

/** Over node:http; what is seldom asked for (the signal) is made when it is asked for. */
class Http1Request implements HttpRequest {
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #open: OpenRequests;
  readonly #share: BodyShare;
  #abort: AbortController | undefined;
  #continueOwed: boolean;
  readonly path: string;
  readonly query: string;

  constructor(
    incoming: IncomingMessage,
    response: ServerResponse,
    open: OpenRequests,
    share: BodyShare,
    expects: boolean,
  ) {
    this.#incoming = incoming;
    this.#response = response;
    this.#open = open;
    this.#share = share;
    this.#continueOwed = expects;
    [this.path, this.query] = splitTarget(incoming.url ?? '/');
  }

  get method(): string {
    return this.#incoming.method ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.#incoming.headers;
  }

  get authority(): string {
    return this.#incoming.headers.host ?? '';
  }

  get httpVersion(): '1.0' | '1.1' {
    return this.#incoming.httpVersion === '1.0' ? '1.0' : '1.1';
  }

  get secure(): boolean {
    return 'encrypted' in this.#incoming.socket;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = this.#open.abortable(this.#response);
    }
    return this.#abort.signal;
  }

  body(limitBytes: number): Promise<Buffer> {
    const headers = this.#incoming.headers;
    const length = headers['content-length'];
    if (length === undefined ? headers['transfer-encoding'] === undefined : length === '0') return EMPTY;
    const collected = collectBody(this.#incoming, length, limitBytes, this.#share);
    this.#continue(length, limitBytes);
    return collected;
  }

  stream(): Readable {
    this.#continue(undefined, Infinity);
    return bodyStream(this.#incoming);
  }

  /** The client that asked whether to send its body is told so only when somebody wants the body. */
  #continue(length: string | undefined, limitBytes: number): void {
    if (!this.#continueOwed || (length !== undefined && Number(length) > limitBytes)) return;
    this.#continueOwed = false;
    this.#response.writeContinue();
  }
}

/** Answers one request of HTTP/1. Never rejects: what the handler throws is logged and answered with 500. */
export async function answerHttp1(
  incoming: IncomingMessage,
  response: ServerResponse,
  context: Answering,
  expectsContinue: boolean,
): Promise<void> {
  const { handler, open, room, log, timeouts } = context;
  const share = room.share();
  open.enter();
  try {
    const answer = await handler(new Http1Request(incoming, response, open, share, expectsContinue));
    if (response.destroyed) return await discard(answer);
    writeHead(incoming, response, answer, open.draining.aborted);
    const body = answer.body;
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
      if (incoming.complete) {
        response.end(body);
        expectTaken(response, timeouts.takeMs);
      } else await endUnheard(incoming, response, body);
    } else {
      response.flushHeaders();
      await sendStream(body, response, timeouts.takeMs, answer.endless === true ? open.draining : undefined);
    }
  } catch (error) {
    log.error({ err: error }, 'a request could not be answered');
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { connection: 'close' }).end();
  } finally {
    share.free();
    open.leave(response);
  }
}

/** What the system took at once needs no watching; the rest is the client's to take in time. */
function expectTaken(response: ServerResponse, takeMs: number): void {
  if (response.socket === null || response.socket.writableLength === 0) return;
  const patience = setTimeout(() => response.destroy(), takeMs);
  response.once('close', () => clearTimeout(patience));
}

/**
 * Answers a request that is still being sent. Its connection ends, but not before the client had time to hear why:
 * a socket that is closed with bytes unread takes the answer with it.
 */
async function endUnheard(
  incoming: IncomingMessage,
  response: ServerResponse,
  body: string | Uint8Array | undefined,
): Promise<void> {
  if (body === undefined || body.length === 0) response.flushHeaders();
  else response.write(body);
  await discardRest(incoming, limits.discardBytesMax, limits.discardMs);
  response.end();
}

function writeHead(
  incoming: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: HttpResponse,
  draining: boolean,
): void {
  const flat: string[] = [];
  let hasLength = false;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    flat.push(name, value);
    if (name.length === 14 && name.toLowerCase() === 'content-length') hasLength = true;
  }
  if (!hasLength && status !== 204 && status !== 304) {
    if (body === undefined) flat.push('content-length', '0');
    else if (typeof body === 'string') flat.push('content-length', String(Buffer.byteLength(body)));
    else if (body instanceof Uint8Array) flat.push('content-length', String(body.byteLength));
  }
  // A body that nobody read would be taken for the next request, or read to its end for nothing.
  if (draining || !incoming.complete) flat.push('connection', 'close');
  response.writeHead(status, flat);
}

async function discard({ body }: HttpResponse): Promise<void> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return;
  await body[Symbol.asyncIterator]().return?.();
}
