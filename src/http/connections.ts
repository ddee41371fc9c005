import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Http1Connection } from './http1/connection.ts';

/** All open connections, and how to close each of them cleanly. */
export class Connections {
  /** The accepted sockets, below TLS if it is used. */
  readonly #sockets = new Set<Socket>();
  readonly #http1 = new Set<Http1Connection>();
  /** With the streams that each has open; those that are idle in the order in which they became so. */
  readonly #sessions = new Map<ServerHttp2Session, number>();
  readonly #undecided = new Set<Socket>();
  #ending = false;

  get size(): number {
    return this.#sockets.size;
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
    for (const [session, openStreams] of this.#sessions) {
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
    socket.once('close', () => this.#forget(socket));
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

  checkDeadlines(): void {
    const nowMs = performance.now();
    for (const connection of this.#http1) connection.checkDeadline(nowMs);
  }

  session(session: ServerHttp2Session): void {
    this.#sessions.set(session, 0);
    session.once('close', () => this.#sessions.delete(session));
    session.on('stream', (stream) => this.#stream(session, stream));
    if (this.#ending) session.close();
  }

  #stream(session: ServerHttp2Session, stream: ServerHttp2Stream): void {
    this.#sessions.set(session, (this.#sessions.get(session) ?? 0) + 1);
    stream.once('close', () => {
      const left = (this.#sessions.get(session) ?? 0) - 1;
      if (!this.#sessions.has(session)) return;
      if (left === 0) this.#sessions.delete(session);
      this.#sessions.set(session, left);
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
