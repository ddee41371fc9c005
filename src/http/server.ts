import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from 'node:tls';
import { httpLimits } from './limits.ts';
import type { Log } from '../support/log.ts';
import type { ConnectionContext, Timeouts } from './connection-context.ts';
import { BodyMemoryBudget } from './body-memory-budget.ts';
import { Connections } from './connections.ts';
import { Http1Connection } from './http1/connection.ts';
import { answerHttp2 } from './http2.ts';
import { isFromThisMachine, refusePlaintext } from './plaintext.ts';
import type { Certificate } from './self-signed.ts';
import { type SocketReader, readInto } from './socket-reader.ts';
import type { HttpHandler } from './message.ts';
import { type ResponseBounds, ResponseMemoryBudget } from './response-memory-budget.ts';
import { addressOf } from './peer.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { OpenRequests } from './open-requests.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly handler: HttpHandler;
  readonly log: Log;
  /** PEM. If given, TLS and plain HTTP are accepted on the same port. */
  readonly tls?: ServerCertificate;
  /** Who may connect without TLS; default: everyone. */
  readonly plaintext?: 'everyone' | 'this machine';
  readonly timeouts?: Partial<Timeouts>;
  readonly responseBounds?: Partial<ResponseBounds>;
  /** When it is reached, an idle connection is closed for each new one; if none is idle, the new one is closed. */
  readonly connectionsMax?: number;
  /** Of one address, except for loopback and trusted proxies; 0 and undefined: no limit. Further ones are closed. */
  readonly addressConnectionsMax?: number;
  /** Called for each connection that is closed because of it. */
  readonly onTooMany?: () => void;
  /** Proxies that say in X-Forwarded-For who their clients are. */
  readonly proxies?: TrustedProxies | undefined;
}

export interface ServerCertificate extends Certificate {
  /** PEM. If given, TLS clients must have a certificate that one of these authorities signed. */
  readonly clientCa?: string;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** For the handshakes from now on; only with TLS. */
  renewCertificate(certificate: ServerCertificate): void;
  /**
   * Stops accepting connections, lets open requests finish (within the grace period), and resolves when all
   * connections are closed.
   */
  close(): Promise<void>;
}

const defaultTimeouts: Timeouts = {
  headersMs: httpLimits.headersTimeoutMs,
  requestMs: httpLimits.requestTimeoutMs,
  keepAliveMs: httpLimits.keepAliveTimeoutMs,
  writeMs: httpLimits.writeTimeoutMs,
  shutdownGraceMs: httpLimits.shutdownGraceMs,
};

const TLS_HANDSHAKE = 0x16;
const HTTP2_PREFACE = Buffer.from('PRI');

type TakeSocket = (socket: Socket) => void;

/**
 * Listens on one port for HTTP/1.1, HTTP/2 with prior knowledge and (with a certificate) TLS. The first bytes of a
 * connection show which it is. HTTP/1.1 has its own implementation; other sockets are passed to Node's servers.
 */
export async function listen(options: ListenOptions): Promise<HttpServer> {
  const { handler, log, proxies } = options;
  const timeouts: Timeouts = { ...defaultTimeouts, ...options.timeouts };
  const room = new BodyMemoryBudget(httpLimits.bodyBytesInFlightMax);
  const responses = new ResponseMemoryBudget({ writeMs: timeouts.writeMs, ...options.responseBounds });
  const answering: ConnectionContext = {
    handler,
    open: new OpenRequests(),
    room,
    responses,
    proxies,
    log,
    timeouts,
  };
  const connections = new Connections(timeouts.keepAliveMs);

  const takeHttp1 = (socket: Socket): Http1Connection => {
    const connection = new Http1Connection(socket, answering);
    connections.http1(socket, connection);
    return connection;
  };
  const http2 = http2Server(answering, connections);
  const takeHttp2: TakeSocket = (socket) => {
    connections.http2(socket);
    http2.emit('connection', socket);
  };
  const tls = options.tls && tlsServer(options.tls, answering, takeHttp1, takeHttp2);

  // A client that half-closes after its request, as a shell pipe does, still gets its response.
  const { connectionsMax, addressConnectionsMax = 0, onTooMany } = options;
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (accepted) => {
    if (connectionsMax !== undefined && connections.size >= connectionsMax && !connections.endOneIdle()) {
      return void accepted.destroy();
    }
    const isProxy = proxies?.trusts(addressOf(accepted)) === true;
    if (!isProxy && connections.isTooMany(accepted, addressConnectionsMax)) {
      onTooMany?.();
      return void accepted.destroy();
    }
    const socket = sniff(accepted, timeouts.headersMs, (first) => {
      connections.decided(socket);
      if (first[0] === TLS_HANDSHAKE && tls !== undefined) {
        return handOver(socket, first, (raw) => void tls.emit('connection', raw));
      }
      if (options.plaintext === 'this machine' && !isFromThisMachine(socket)) return refusePlaintext(socket);
      if (startsWith(first, HTTP2_PREFACE)) return handOver(socket, first, takeHttp2);
      const connection = takeHttp1(socket);
      connection.take(first);
      return connection;
    });
    connections.accepted(socket);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  server.on('error', (error) => log.error({ err: error }, 'the listening socket failed'));
  const overdue = setInterval(() => {
    connections.checkDeadlines();
    responses.checkDeadlines();
  }, checkIntervalMs(timeouts)).unref();
  // A server that listens on a port, not on a path, has an address of this form.
  const { address, port } = server.address() as AddressInfo;

  const stop = (): Promise<void> =>
    shut(server, answering, connections).finally(() => clearInterval(overdue));
  let closing: Promise<void> | undefined;
  return {
    host: address,
    port,
    renewCertificate: (certificate) => tls?.setSecureContext(contextOf(certificate)),
    close: () => (closing ??= stop()),
  };
}

async function shut(
  server: Server,
  { open, timeouts }: ConnectionContext,
  connections: Connections,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  open.drain();
  connections.stopTaking();
  const deadline = setTimeout(() => {
    open.abortAll();
    connections.cutAll();
  }, timeouts.shutdownGraceMs);
  await open.idle();
  await connections.end(Math.min(httpLimits.lingerMs, timeouts.shutdownGraceMs));
  clearTimeout(deadline);
  await closed;
}

/** How late a deadline may be noticed. */
function checkIntervalMs({ headersMs, requestMs, keepAliveMs, writeMs }: Timeouts): number {
  return Math.min(headersMs, requestMs, keepAliveMs, writeMs, 1000);
}

function http2Server(answering: ConnectionContext, connections: Connections): Http2Server {
  const { log } = answering;
  const server = createHttp2Server({
    settings: {
      initialWindowSize: httpLimits.http2WindowBytes,
      maxConcurrentStreams: httpLimits.http2StreamsMax,
    },
  });
  server.on('stream', (stream, headers) => void answerHttp2(stream, headers, answering));
  server.on('session', (session) => {
    session.on('error', (error) => log.debug({ err: error }, 'an HTTP/2 session broke'));
    connections.session(session);
  });
  return server;
}

function tlsServer(
  certificate: ServerCertificate,
  { log, timeouts }: ConnectionContext,
  takeHttp1: (socket: Socket) => Http1Connection,
  takeHttp2: TakeSocket,
): TlsServer {
  const isClientKnown = certificate.clientCa !== undefined;
  const server = createTlsServer({
    ...contextOf(certificate),
    requestCert: isClientKnown,
    rejectUnauthorized: isClientKnown,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: timeouts.headersMs,
  });
  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol === 'h2') return takeHttp2(socket);
    const connection = takeHttp1(socket);
    socket.on('data', (bytes: Buffer) => connection.take(bytes));
  });
  server.on('tlsClientError', (error, socket) => {
    log.debug({ err: error }, 'a TLS handshake failed');
    socket.destroy();
  });
  return server;
}

function contextOf({ key, cert, clientCa }: ServerCertificate): SecureContextOptions {
  return { key, cert, ...(clientCa !== undefined && { ca: clientCa }) };
}

/**
 * Reads a connection until its first bytes show the protocol. `decide` then gets them and returns the reader of what
 * follows, or undefined when it has passed the socket to a server that reads for itself.
 */
function sniff(
  accepted: Socket,
  timeoutMs: number,
  decide: (first: Buffer) => SocketReader | undefined,
): Socket {
  let seen: Buffer | undefined;
  const sniffer: SocketReader = {
    take(bytes) {
      seen = Buffer.concat(seen === undefined ? [bytes] : [seen, bytes]);
      // 'P' or 'PR' may still become PRI (HTTP/2), PUT or PROPFIND.
      if (seen.length < HTTP2_PREFACE.length && startsWith(HTTP2_PREFACE, seen)) return;
      socket.off('error', cut);
      socket.off('end', cut);
      socket.off('timeout', cut);
      socket.setTimeout(0);
      const first = seen;
      // The closure would keep these bytes as long as the connection lives.
      seen = undefined;
      intake = decide(first) ?? nobody;
    },
  };
  let intake = sniffer;
  const socket = readInto(accepted, () => intake);
  const cut = (): void => void socket.destroy();
  socket.on('error', cut);
  socket.on('end', cut);
  socket.on('timeout', cut);
  socket.setTimeout(timeoutMs);
  return socket;
}

const nobody: SocketReader = { take() {} };

/**
 * Puts back what was read. Only this server's own HTTP/1.1 handles half-closed clients; Node's servers would never
 * notice that such a client has left.
 */
function handOver(socket: Socket, first: Buffer, take: TakeSocket): undefined {
  socket.allowHalfOpen = false;
  socket.pause();
  socket.unshift(first);
  take(socket);
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.length >= prefix.length && bytes.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
}
