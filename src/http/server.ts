import { createServer as createHttp1Server, type Server as Http1Server } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { limits } from '../limits.ts';
import type { Log } from '../support/log.ts';
import type { Answering, Timeouts } from './answering.ts';
import { answerHttp1 } from './http1.ts';
import { answerHttp2 } from './http2.ts';
import type { HttpHandler } from './message.ts';
import { OpenRequests } from './open-requests.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly handler: HttpHandler;
  readonly log: Log;
  /** PEM. With it, TLS is spoken on the same port as plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly timeouts?: Partial<Timeouts>;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** Takes no more connections, lets open requests finish (bounded by the grace time), and resolves when all is shut. */
  close(): Promise<void>;
}

const defaultTimeouts: Timeouts = {
  headersMs: limits.headersTimeoutMs,
  requestMs: limits.requestTimeoutMs,
  keepAliveMs: limits.keepAliveTimeoutMs,
  takeMs: limits.takeTimeoutMs,
  shutdownGraceMs: limits.shutdownGraceMs,
};

const TLS_HANDSHAKE = 0x16;
const HTTP2_PREFACE = Buffer.from('PRI');

/**
 * One port for HTTP/1.1, HTTP/2 with prior knowledge and (with a certificate) TLS: the first bytes of a connection
 * tell which it is, and its socket is handed to node's own server for that.
 */
export async function listen(options: ListenOptions): Promise<HttpServer> {
  const { handler, log } = options;
  const open = new OpenRequests();
  const timeouts: Timeouts = { ...defaultTimeouts, ...options.timeouts };
  const context: Answering = { handler, open, log, timeouts };
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();

  const http1 = createHttp1Server({
    maxHeaderSize: limits.headersBytesMax,
    headersTimeout: Math.min(timeouts.headersMs, timeouts.requestMs),
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: Math.min(timeouts.headersMs, timeouts.requestMs, 1000),
    noDelay: true,
  });
  http1.on('request', (incoming, response) => void answerHttp1(incoming, response, context, false));
  http1.on('checkContinue', (incoming, response) => void answerHttp1(incoming, response, context, true));
  // Node's own server listens, so that its deadlines run; but its connections pass by us first.
  const serveHttp1 = takeListeners(http1);

  const http2 = createHttp2Server({
    settings: { initialWindowSize: limits.http2WindowBytes, maxConcurrentStreams: limits.http2StreamsMax },
  });
  http2.on('stream', (stream, headers) => void answerHttp2(stream, headers, context));
  http2.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', (error) => log.debug({ err: error }, 'an HTTP/2 session broke'));
    session.setTimeout(timeouts.keepAliveMs, () => session.close());
    if (open.draining.aborted) session.close();
  });
  const serveHttp2 = (socket: Socket): void => void http2.emit('connection', socket);

  const tls: TlsServer | undefined =
    options.tls && createTlsServer({ ...options.tls, ALPNProtocols: ['h2', 'http/1.1'] });
  tls?.on('secureConnection', (socket) =>
    socket.alpnProtocol === 'h2' ? serveHttp2(socket) : serveHttp1(socket),
  );
  tls?.on('tlsClientError', (error, socket) => {
    log.debug({ err: error }, 'a TLS handshake failed');
    socket.destroy();
  });

  http1.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    sniff(socket, timeouts.headersMs, (first) => {
      if (first[0] === TLS_HANDSHAKE && tls !== undefined) tls.emit('connection', socket);
      else if (startsWith(first, HTTP2_PREFACE)) serveHttp2(socket);
      else {
        serveHttp1(socket);
        // The other two take what was put back by themselves; node:http waits until it flows.
        socket.resume();
      }
    });
  });

  await new Promise<void>((resolve, reject) => {
    http1.once('error', reject);
    http1.listen(options.port, options.host, resolve);
  });
  http1.on('error', (error) => log.error({ err: error }, 'the listening socket failed'));
  // A server that listens on a port (not on a path) has an address of that form.
  const { address, port } = http1.address() as AddressInfo;

  let closing: Promise<void> | undefined;
  async function shut(): Promise<void> {
    const closed = new Promise<void>((resolve) => http1.close(() => resolve()));
    open.drain();
    for (const session of sessions) session.close();
    const deadline = setTimeout(() => open.abortAll(), timeouts.shutdownGraceMs);
    await open.idle();
    clearTimeout(deadline);
    await finishSockets(sockets);
    await closed;
  }
  return { host: address, port, close: () => (closing ??= shut()) };
}

/** Node's connection listener, taken off the server: we call it for the connections that are HTTP/1. */
function takeListeners(server: Http1Server): (socket: Socket) => void {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  return (socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
}

/** Waits for enough bytes to tell the protocol, puts them back, and hands the socket over. */
function sniff(socket: Socket, timeoutMs: number, handOver: (first: Buffer) => void): void {
  let seen: Buffer | undefined;
  const onError = (): void => void socket.destroy();
  const onData = (chunk: Buffer): void => {
    seen = seen === undefined ? chunk : Buffer.concat([seen, chunk]);
    // 'P', 'PR': may yet become PRI (HTTP/2), PUT or PROPFIND.
    if (seen.length < HTTP2_PREFACE.length && startsWith(HTTP2_PREFACE, seen)) return;
    socket.off('data', onData);
    socket.off('error', onError);
    socket.setTimeout(0);
    socket.off('timeout', onError);
    socket.pause();
    socket.unshift(seen);
    handOver(seen);
  };
  socket.on('error', onError);
  socket.setTimeout(timeoutMs);
  socket.on('timeout', onError);
  socket.on('data', onData);
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.length >= prefix.length && bytes.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
}

/** Ends what is still connected once nothing is open any more; what does not end in a moment is cut. */
async function finishSockets(sockets: ReadonlySet<Socket>): Promise<void> {
  const left = [...sockets].filter((socket) => !socket.destroyed);
  await Promise.all(
    left.map(
      (socket) =>
        new Promise<void>((resolve) => {
          const cut = setTimeout(() => socket.destroy(), limits.lingerMs);
          socket.once('close', () => {
            clearTimeout(cut);
            resolve();
          });
          socket.end();
        }),
    ),
  );
}
