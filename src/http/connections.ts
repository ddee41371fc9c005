import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Http1Connection } from './http1/connection.ts';

/** All that is connected, by what it takes to end it well. */
export class Connections {
  /** As accepted, below TLS if there is any. */
  readonly #sockets = new Set<Socket>();
  readonly #http1 = new Set<Http1Connection>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #undecided = new Set<Socket>();
  #ending = false;

  get size(): number {
    return this.#sockets.size;
  }

  /** Ends the connection that has waited longest without a request. False when all are at work. */
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

  /** Its protocol is known. */
  decided(socket: Socket): void {
    this.#undecided.delete(socket);
  }

  /** `socket` above TLS, if there is any. */
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
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    if (this.#ending) session.close();
  }

  /**
   * GOAWAY to all sessions: their open streams go on, new ones are refused. Who has said nothing yet is cut off, who
   * waits for nothing is told that there is no more.
   */
  stopTaking(): void {
    this.#ending = true;
    for (const session of this.#sessions) session.close();
    for (const socket of this.#undecided) socket.destroy();
    for (const connection of this.#http1) connection.endIdle();
  }

  /**
   * Ends what is still connected when nothing is being answered any more, and resolves when all of it is closed.
   * Answers that are under way are sent to their end; then a client has `lingerMs` to end its side.
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
