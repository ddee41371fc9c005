import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '../../limits.ts';
import type { ConnectionContext } from '../connection-context.ts';
import { discardRest } from '../body.ts';
import type { BodyReservation } from '../body-memory-budget.ts';
import type { SocketReader } from '../socket-reader.ts';
import { discard, type HttpResponse } from '../message.ts';
import { IncomingBody } from './incoming-body.ts';
import { Http1Request } from './request.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';
import { sendResponse } from './send-response.ts';
import { HttpSyntaxError, malformed } from './syntax-error.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const CR = 0x0d;
const LF = 0x0a;

/** A request from the first byte of its head on, until its answer has been handed over. */
interface Exchange {
  readonly head: RequestHead;
  readonly body: IncomingBody;
  readonly request: Http1Request;
  readonly share: BodyReservation;
  answered: boolean;
}

/**
 * A connection of HTTP/1 (RFC 9112): one request after the other, each answered before the next is looked at; what a
 * client sends ahead waits. Whoever holds it calls `checkDeadline` now and then.
 */
export class Http1Connection implements SocketReader {
  readonly #socket: Socket;
  readonly #answering: ConnectionContext;
  /** Sent, and not looked at yet. */
  #waiting: Buffer | undefined;
  #exchange: Exchange | undefined;
  /** The client sends no more. */
  #halfClosed = false;
  /** Nothing more is read here, nor answered. */
  #over = false;
  #ending = false;
  #deadlineMs: number;
  #late: 'quiet' | 'told' = 'told';

  /** What is being taken is lent; otherwise it is what waited here. */
  #lent = true;

  constructor(socket: Socket, answering: ConnectionContext) {
    this.#socket = socket;
    this.#answering = answering;
    this.#deadlineMs = performance.now() + answering.timeouts.headersMs;
    socket.on('end', () => this.#onHalfClosed());
    socket.on('close', () => this.#onGone());
    // A reset by the client is no fault of ours; 'close' follows.
    socket.on('error', (error) => answering.log.debug({ err: error }, 'a connection broke'));
  }

  take(bytes: Buffer): void {
    this.#lent = true;
    this.#take(bytes);
  }

  /** For the rest of a body that somebody collects. */
  room(): Buffer | undefined {
    return this.#over ? undefined : this.#exchange?.body.room();
  }

  /** Ends what has taken too long: with 408 when a request has begun. */
  checkDeadline(nowMs: number): void {
    if (nowMs < this.#deadlineMs || this.#over) return;
    if (this.#late === 'quiet') return void this.#socket.destroy();
    this.#refuse(new HttpSyntaxError(408, 'the request took too long to come'));
  }

  /** Ends it when no request is open: one that has come in part counts as none. */
  endIdle(): void {
    if (this.#exchange === undefined && !this.#over) this.#finish();
  }

  /** As `endIdle`, at once; true when it was idle. */
  cutIdle(): boolean {
    if (this.#exchange !== undefined) return false;
    this.#socket.destroy();
    return true;
  }

  /** Ends it after what was written; a client then has `lingerMs` to end its side. */
  end(lingerMs: number): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#over = true;
    const socket = this.#socket;
    const linger = (): void => {
      const cut = setTimeout(() => socket.destroy(), lingerMs);
      socket.once('close', () => clearTimeout(cut));
    };
    if (socket.writableFinished) linger();
    else socket.once('finish', linger);
    socket.end();
    // To its end, without which it would not close.
    socket.resume();
  }

  #take(chunk: Buffer): void {
    // What comes after an answer that ended the connection is read so that the answer arrives, and forgotten.
    if (this.#over) return;
    const exchange = this.#exchange;
    try {
      if (exchange === undefined) this.#begin(this.#withWaiting(chunk));
      else if (exchange.body.ended) this.#wait(chunk);
      else this.#feed(exchange, chunk);
    } catch (error) {
      if (!(error instanceof HttpSyntaxError)) throw error;
      this.#refuse(error);
    }
  }

  #withWaiting(chunk: Buffer): Buffer {
    const waiting = this.#waiting;
    if (waiting === undefined) return chunk;
    this.#waiting = undefined;
    this.#lent = false;
    return Buffer.concat([waiting, chunk]);
  }

  /** Of the next request, while this one is being answered: the client is not asked for more. */
  #wait(chunk: Buffer): void {
    this.#waiting = this.#kept(this.#withWaiting(chunk));
    this.#socket.pause();
  }

  #kept(bytes: Buffer): Buffer {
    return this.#lent ? Buffer.from(bytes) : bytes;
  }

  #feed({ body }: Exchange, chunk: Buffer): void {
    const rest = body.take(chunk);
    body.hold();
    if (body.ended) this.#deadlineMs = Infinity;
    if (rest !== undefined) this.#wait(rest);
  }

  #begin(bytes: Buffer): void {
    const { start, end } = headOf(bytes);
    const { timeouts, open, room, responses } = this.#answering;
    if (end === -1) {
      this.#waiting = this.#kept(bytes);
      if (this.#late === 'quiet') this.#deadlineMs = performance.now() + timeouts.headersMs;
      this.#late = 'told';
      return;
    }
    const head = parseRequestHead(bytes.toString('latin1', start, end));
    const body = new IncomingBody(this.#socket, head.bodyBytes);
    const share = room.share();
    const request = new Http1Request(this.#socket, head, body, open, share, responses);
    const exchange = { head, body, request, share, answered: false };
    this.#exchange = exchange;
    this.#late = 'told';
    const bodyStart = end + HEAD_END.length;
    const rest = bodyStart < bytes.length ? body.take(bytes.subarray(bodyStart)) : undefined;
    if (rest !== undefined) this.#wait(rest);
    this.#deadlineMs = body.ended ? Infinity : performance.now() + timeouts.requestMs;
    void this.#answer(exchange);
    body.hold();
  }

  /** Never rejects: what the handler throws is logged and answered with 500. */
  async #answer(exchange: Exchange): Promise<void> {
    const { handler, open, log } = this.#answering;
    open.enter();
    try {
      const response = await handler(exchange.request);
      if (this.#over || this.#socket.destroyed) await discard(response);
      else await this.#send(exchange, response);
    } catch (error) {
      log.error({ err: error }, 'a request could not be answered');
      if (exchange.answered || this.#over) this.#socket.destroy();
      else await this.#send(exchange, { status: 500, headers: {} });
    } finally {
      exchange.share.free();
      exchange.request.freeResponse();
      open.leave(exchange.request);
      this.#next(exchange);
    }
  }

  async #send(exchange: Exchange, response: HttpResponse): Promise<void> {
    const { head, body } = exchange;
    const { open, timeouts } = this.#answering;
    const last = !head.keepAlive || !body.ended || this.#halfClosed || open.draining.aborted;
    let sent: Promise<void> | undefined;
    try {
      sent = sendResponse(this.#socket, response, {
        head,
        keepAliveMs: last ? undefined : timeouts.keepAliveMs,
        memory: () => exchange.request.responseMemory,
        stop: open.draining,
      });
    } catch (error) {
      await discard(response);
      throw error;
    }
    exchange.answered = true;
    if (sent !== undefined) await sent;
    if (!last) return;
    // A socket that is closed with bytes unread takes the answer with it.
    await discardRest(body, limits.discardBytesMax, limits.discardMs);
    this.#finish();
  }

  #next(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    if (this.#over) return;
    this.#late = 'quiet';
    this.#deadlineMs = performance.now() + this.#answering.timeouts.keepAliveMs;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      this.#lent = false;
      this.#take(waiting);
    }
    if (this.#halfClosed && this.#exchange === undefined) this.#finish();
    if (this.#exchange === undefined && this.#socket.isPaused()) this.#socket.resume();
  }

  /** A client that has ended its side is told what it asked for, but not what would have no end. */
  #onHalfClosed(): void {
    if (this.#over) return;
    this.#halfClosed = true;
    const exchange = this.#exchange;
    if (exchange === undefined) return this.#onEndWithoutRequest();
    exchange.body.cutShort();
    this.#answering.open.gone(exchange.request);
  }

  #onEndWithoutRequest(): void {
    if (this.#waiting === undefined) this.#finish();
    else this.#refuse(new HttpSyntaxError(400, 'the request ends within its header fields'));
  }

  #onGone(): void {
    this.#over = true;
    this.#waiting = undefined;
    if (this.#exchange === undefined) return;
    this.#exchange.body.cutShort();
    this.#answering.open.gone(this.#exchange.request);
  }

  #finish(): void {
    this.end(limits.lingerMs);
  }

  #refuse(error: HttpSyntaxError): void {
    const exchange = this.#exchange;
    const unheard = exchange === undefined || !exchange.answered;
    if (unheard) this.#socket.write(refusal(error), 'latin1');
    this.#over = true;
    exchange?.body.cutShort();
    if (unheard) this.#finish();
    else this.#socket.destroy();
  }
}

/** Where a head lies; `end` is -1 when it has not come whole. Throws HttpSyntaxError as soon as it can be none. */
function headOf(bytes: Buffer): { start: number; end: number } {
  // Some clients send an empty line after a body (RFC 9112, section 2.2).
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start++;
  const end = bytes.indexOf(HEAD_END, start);
  if ((end === -1 ? bytes.length : end) - start > limits.headersBytesMax) {
    throw new HttpSyntaxError(431, `the header fields are larger than ${limits.headersBytesMax} bytes`);
  }
  if (end === -1 && start < bytes.length) checkBeginning(bytes.toString('latin1', start));
  return { start, end };
}

/** Who speaks something else may wait for an answer before there is an empty line. */
function checkBeginning(text: string): void {
  if (!/^[!-~]/.test(text)) throw malformed('this is not HTTP');
  if (/(?:^|[^\r])\n/.test(text)) throw malformed('a line does not end as lines of HTTP do');
}

function refusal({ status, message }: HttpSyntaxError): string {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n`;
  return `${head}Content-Type: text/plain\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${message.length + 1}\r\n\r\n${message}\n`;
}
