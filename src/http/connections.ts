import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { isLoopbackAddress } from '../support/loopback.ts';
import { httpLimits } from './limits.ts';
import { lingerWhileItReads } from './linger.ts';
import { addressOf } from './peer.ts';
import type { Http1Connection } from './http1/connection.ts';

interface OpenSession {
  openStreams: number;
  /** When its last stream ended or its last ping came. */
  idleSinceMs: number;
}

/** All open connections, and how to close each of them cleanly. */
export class Connections {
  readonly #keepAliveMs: number;
  /** The accepted sockets, below TLS if it is used. */
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #http1 = new Set<Http1Connection>();
  /** Those above TLS, if TLS is used. */
  readonly #http2 = new Set<Socket>();
  /** Those that are idle are in the order in which their last streams ended. */
  readonly #sessions = new Map<ServerHttp2Session, OpenSession>();
  readonly #undecided = new Set<Socket>();
  #ending = false;

  /** `keepAliveMs`: how long an HTTP/2 session may be idle. */
  constructor(keepAliveMs: number) {
    this.#keepAliveMs = keepAliveMs;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Whether the address has `max` connections already. Loopback addresses and a `max` of 0 are not limited. */
  isTooMany(socket: Socket, max: number): boolean {
    const address = addressOf(socket);
    return max > 0 && (this.#perAddress.get(address) ?? 0) >= max && !isLoopbackAddress(address);
  }

  /** Closes the connection that has been idle longest. Returns false when none is idle. */
  endOneIdle(): boolean {
    for (const socket of this.#undecided) {
      this.#forget(socket);
      socket.destroy();
      return true;
    }
    for (const connection of this.#http1) {
      if (connection.cutIdle()) {
        this.#http1.delete(connection);
        return true;
      }
    }
    for (const [session, { openStreams }] of this.#sessions) {
      if (openStreams > 0) continue;
      this.#sessions.delete(session);
      session.destroy();
      return true;
    }
    return false;
  }

  accepted(socket: Socket): void {
    this.#sockets.add(socket);
    this.#undecided.add(socket);
    const address = addressOf(socket);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    socket.once('close', () => {
      this.#forget(socket);
      const others = (this.#perAddress.get(address) ?? 0) - 1;
      if (others > 0) this.#perAddress.set(address, others);
      else this.#perAddress.delete(address);
    });
  }

  #forget(socket: Socket): void {
    this.#sockets.delete(socket);
    this.#undecided.delete(socket);
  }

  /** Called when the protocol of a connection is known. */
  decided(socket: Socket): void {
    this.#undecided.delete(socket);
  }

  /** `socket` is the one above TLS, if TLS is used. */
  http1(socket: Socket, connection: Http1Connection): void {
    this.#http1.add(connection);
    socket.once('close', () => this.#http1.delete(connection));
    if (this.#ending) connection.endIdle();
  }

  /** `socket` is the one above TLS, if TLS is used. */
  http2(socket: Socket): void {
    this.#http2.add(socket);
    socket.once('close', () => this.#http2.delete(socket));
  }

  checkDeadlines(): void {
    const nowMs = performance.now();
    for (const connection of this.#http1) connection.checkDeadline(nowMs);
    for (const [session, { openStreams, idleSinceMs }] of this.#sessions) {
      if (openStreams === 0 && nowMs - idleSinceMs >= this.#keepAliveMs) session.close();
    }
  }

  /**
   * Not `session.setTimeout`: Node does not clear the timer of a session that the client closes, and the timer keeps
   * the session in memory until it fires. The AWS SDK for JavaScript opens a session for each call to Kinesis.
   */
  session(session: ServerHttp2Session): void {
    const known: OpenSession = { openStreams: 0, idleSinceMs: performance.now() };
    this.#sessions.set(session, known);
    session.once('close', () => this.#sessions.delete(session));
    session.on('ping', () => (known.idleSinceMs = performance.now()));
    session.on('stream', (stream) => this.#stream(session, known, stream));
    if (this.#ending) session.close();
  }

  #stream(session: ServerHttp2Session, known: OpenSession, stream: ServerHttp2Stream): void {
    known.openStreams++;
    stream.once('close', () => {
      known.openStreams--;
      if (known.openStreams > 0 || !this.#sessions.delete(session)) return;
      known.idleSinceMs = performance.now();
      this.#sessions.set(session, known);
    });
  }

  /**
   * Starts to drain: sends GOAWAY to all HTTP/2 sessions, whose open streams continue, closes idle connections, and
   * cuts off connections that have not sent anything yet.
   */
  stopTaking(): void {
    this.#ending = true;
    for (const session of this.#sessions.keys()) session.close();
    for (const socket of this.#undecided) socket.destroy();
    for (const connection of this.#http1) connection.endIdle();
  }

  /**
   * Closes the remaining connections when no request is being answered any more, and resolves when all are closed.
   * Pending responses are sent to the end; then a client has `lingerMs` to close its side.
   */
  async end(lingerMs: number): Promise<void> {
    for (const connection of this.#http1) connection.end(lingerMs);
    // Their sessions end when their last streams do. A client that does not read does not close its side then, or never
    // lets the streams end; one that reads says so, and would lose the rest when its socket is closed.
    for (const socket of this.#http2) lingerWhileItReads(socket, lingerMs, httpLimits.http2UnreadMs);
    await Promise.all(
      [...this.#sockets].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      ),
    );
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
