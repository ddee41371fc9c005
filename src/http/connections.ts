import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** All that is connected, by what it takes to end it well. */
export class Connections {
  /** As accepted, below TLS if there is any. */
  readonly #sockets = new Set<Socket>();
  /** Those that node:http has, above TLS. */
  readonly #http1 = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #undecided = new Set<Socket>();
  #ending = false;

  accepted(socket: Socket): void {
    this.#sockets.add(socket);
    this.#undecided.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#undecided.delete(socket);
    });
  }

  /** Its protocol is known. */
  decided(socket: Socket): void {
    this.#undecided.delete(socket);
  }

  http1(socket: Socket): void {
    this.#http1.add(socket);
    socket.once('close', () => this.#http1.delete(socket));
  }

  session(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    if (this.#ending) session.close();
  }

  /** GOAWAY to all sessions: their open streams go on, new ones are refused. Who has said nothing yet is cut off. */
  stopTaking(): void {
    this.#ending = true;
    for (const session of this.#sessions) session.close();
    for (const socket of this.#undecided) socket.destroy();
  }

  /**
   * Ends what is still connected when nothing is being answered any more, and resolves when all of it is closed.
   * Answers that are under way are sent to their end; then a client has `lingerMs` to end its side.
   */
  async end(lingerMs: number): Promise<void> {
    for (const socket of this.#http1) {
      socket.once('finish', () => {
        const cut = setTimeout(() => socket.destroy(), lingerMs);
        socket.once('close', () => clearTimeout(cut));
      });
      socket.end();
    }
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
