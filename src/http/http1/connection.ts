import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { sleep, systemClock } from '../../support/clock.ts';
import { logFailure } from '../log-failure.ts';
import { httpLimits } from '../limits.ts';
import type { ConnectionContext } from '../connection-context.ts';
import { discardRest } from '../body.ts';
import type { BodyReservation } from '../body-memory-budget.ts';
import type { SocketReader } from '../socket-reader.ts';
import { linger } from '../linger.ts';
import { discard, type HttpResponse } from '../message.ts';
import { IncomingBody } from './incoming-body.ts';
import { Http1Request } from './request.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';
import { sendResponse } from './send-response.ts';
import { HttpSyntaxError, malformed } from './syntax-error.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const CR = 0x0d;
const LF = 0x0a;

/** A request, from the first byte of its head until its response has been written. */
interface Exchange {
  readonly head: RequestHead;
  readonly body: IncomingBody;
  readonly request: Http1Request;
  readonly share: BodyReservation;
  answered: boolean;
}

/**
 * An HTTP/1 connection (RFC 9112). Requests are answered one after the other; pipelined requests wait. The owner
 * calls `checkDeadline` regularly.
 */
export class Http1Connection implements SocketReader {
  readonly #socket: Socket;
  readonly #answering: ConnectionContext;
  /** Bytes that have arrived and have not been parsed yet. */
  #waiting: Buffer | undefined;
  /** So many of them were searched for the end of a head already: a client may send it byte by byte. */
  #searchedBytes = 0;
  #exchange: Exchange | undefined;
  /** The client has closed its side. */
  #halfClosed = false;
  /** The connection neither reads nor answers any more. */
  #over = false;
  #ending = false;
  #deadlineMs: number;
  #phase: 'idle' | 'reading' = 'reading';

  /**
   * True while parsing bytes that belong to the shared read buffer, which the next read overwrites: anything kept
   * longer must be copied. False while parsing `#waiting`, which belongs to this connection.
   */
  #isShared = true;

  constructor(socket: Socket, answering: ConnectionContext) {
    this.#socket = socket;
    this.#answering = answering;
    this.#deadlineMs = performance.now() + answering.timeouts.headersMs;
    socket.on('end', () => this.#onHalfClosed());
    socket.on('close', () => this.#onGone());
    // A reset by the client is not an error of the server; 'close' follows.
    socket.on('error', (error) => answering.log.debug({ err: error }, 'a connection broke'));
  }

  take(bytes: Buffer): void {
    this.#isShared = true;
    this.#take(bytes);
  }

  /** The buffer for the rest of a body that is being collected, if there is one. */
  room(): Buffer | undefined {
    return this.#over ? undefined : this.#exchange?.body.room();
  }

  /** Closes the connection when it has taken too long; with a 408 response if a request has started. */
  checkDeadline(nowMs: number): void {
    if (nowMs < this.#deadlineMs || this.#over) return;
    if (this.#phase === 'idle') return void this.#socket.destroy();
    this.#refuse(new HttpSyntaxError(408, 'the request took too long to arrive'));
  }

  /** Closes the connection if no request is open. A request of which only a part has arrived does not count. */
  endIdle(): void {
    if (this.#exchange === undefined && !this.#over) this.#finish();
  }

  /** Like `endIdle`, but immediately. Returns true if the connection was idle. */
  cutIdle(): boolean {
    if (this.#exchange !== undefined) return false;
    this.#socket.destroy();
    return true;
  }

  /** Closes the connection after what was written; the client has `lingerMs` to close its side. */
  end(lingerMs: number): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#over = true;
    const socket = this.#socket;
    linger(socket, lingerMs);
    socket.end();
    // Reads to the end: a socket with unread data would not close.
    socket.resume();
  }

  #take(chunk: Buffer): void {
    // After a response that closes the connection, data is read and discarded so that the response arrives.
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
    this.#isShared = false;
    return Buffer.concat([waiting, chunk]);
  }

  /** Buffers the next request while this one is being answered, and stops reading from the client. */
  #wait(chunk: Buffer): void {
    this.#waiting = this.#kept(this.#withWaiting(chunk));
    this.#socket.pause();
  }

  #kept(bytes: Buffer): Buffer {
    return this.#isShared ? Buffer.from(bytes) : bytes;
  }

  #feed({ body }: Exchange, chunk: Buffer): void {
    const rest = body.take(chunk);
    body.hold();
    if (body.ended) this.#deadlineMs = Infinity;
    if (rest !== undefined) this.#wait(rest);
  }

  #begin(bytes: Buffer): void {
    const { start, end } = headOf(bytes, this.#searchedBytes);
    this.#searchedBytes = end === -1 ? bytes.length : 0;
    const { timeouts, open, room, responses, proxies } = this.#answering;
    if (end === -1) {
      this.#waiting = this.#kept(bytes);
      if (this.#phase === 'idle') this.#deadlineMs = performance.now() + timeouts.headersMs;
      this.#phase = 'reading';
      return;
    }
    const head = parseRequestHead(bytes.toString('latin1', start, end));
    const body = new IncomingBody(this.#socket, head.bodyBytes);
    const share = room.share();
    const request = new Http1Request(this.#socket, head, body, open, share, responses, proxies);
    const exchange = { head, body, request, share, answered: false };
    this.#exchange = exchange;
    this.#phase = 'reading';
    const bodyStart = end + HEAD_END.length;
    const rest = bodyStart < bytes.length ? body.take(bytes.subarray(bodyStart)) : undefined;
    if (rest !== undefined) this.#wait(rest);
    this.#deadlineMs = body.ended ? Infinity : performance.now() + timeouts.requestMs;
    void this.#answer(exchange);
    body.hold();
  }

  /** Never rejects: an error of the handler is logged and answered with 500. */
  async #answer(exchange: Exchange): Promise<void> {
    const { handler, open, log } = this.#answering;
    open.enter();
    try {
      const response = await handler(exchange.request);
      if (response.delayMs !== undefined) {
        exchange.share.free();
        await sleep(systemClock, response.delayMs, open.draining);
      }
      if (this.#over || this.#socket.destroyed) await discard(response);
      else await this.#send(exchange, response);
    } catch (error) {
      logFailure(log, error);
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
    // A socket that is closed with unread bytes resets the connection, and the response is lost.
    await discardRest(body, httpLimits.discardBytesMax, httpLimits.discardMs);
    this.#finish();
  }

  #next(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    if (this.#over) return;
    this.#phase = 'idle';
    this.#deadlineMs = performance.now() + this.#answering.timeouts.keepAliveMs;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      this.#isShared = false;
      this.#take(waiting);
    }
    if (this.#halfClosed && this.#exchange === undefined) this.#finish();
    if (this.#exchange === undefined && this.#socket.isPaused()) this.#socket.resume();
  }

  /** A client that has closed its side still gets a response, but not an endless one. */
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
    else this.#refuse(new HttpSyntaxError(400, 'the request ended within its header fields'));
  }

  #onGone(): void {
    this.#over = true;
    this.#waiting = undefined;
    if (this.#exchange === undefined) return;
    this.#exchange.body.cutShort();
    this.#answering.open.gone(this.#exchange.request);
  }

  #finish(): void {
    this.end(httpLimits.lingerMs);
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

/**
 * Finds a request head; `end` is -1 while it is incomplete. Throws HttpSyntaxError as soon as it cannot become a
 * valid one.
 */
function headOf(bytes: Buffer, searchedBytes: number): { start: number; end: number } {
  // Some clients send an empty line after a body (RFC 9112, section 2.2).
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start++;
  const end = bytes.indexOf(HEAD_END, Math.max(start, searchedBytes - HEAD_END.length + 1));
  if ((end === -1 ? bytes.length : end) - start > httpLimits.headersBytesMax) {
    throw new HttpSyntaxError(431, `the header fields are larger than ${httpLimits.headersBytesMax} bytes`);
  }
  if (end === -1 && start < bytes.length) checkBeginning(bytes, start, searchedBytes);
  return { start, end };
}

/** A client that speaks another protocol may wait for a response without ever sending an empty line. */
function checkBeginning(bytes: Buffer, start: number, searchedBytes: number): void {
  const text = bytes.toString('latin1', Math.max(start, searchedBytes - 1));
  if (searchedBytes <= start && !/^[!-~]/.test(text)) throw malformed('this is not HTTP');
  if (/[^\r]\n/.test(text)) throw malformed('a line does not end with CRLF');
}

function refusal({ status, message }: HttpSyntaxError): string {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n`;
  return `${head}Content-Type: text/plain\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${message.length + 1}\r\n\r\n${message}\n`;
}
