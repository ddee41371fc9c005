import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { HttpHandler } from '../../src/http/message.ts';
import { listen, type HttpServer, type ListenOptions } from '../../src/http/server.ts';
import { silentLog } from '../../src/support/log.ts';
import { until } from '../support/until.ts';

export interface TestHttp extends HttpServer {
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function serve(handler: HttpHandler, options: Partial<ListenOptions> = {}): Promise<TestHttp> {
  const server = await listen({ host: '127.0.0.1', port: 0, handler, log: silentLog, ...options });
  return { ...server, url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.close() };
}

/** Something has been counted, and nothing more for a while. */
export async function untilStill(count: () => number): Promise<void> {
  let before = 0;
  await until(
    () => {
      const isStill = count() > 0 && count() === before;
      before = count();
      return Promise.resolve(isStill);
    },
    { pauseMs: 100 },
  );
}

/** A client made of bytes. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  #waiting: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#waiting?.();
    });
    socket.on('close', () => this.#waiting?.());
    socket.on('error', () => {});
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  get received(): string {
    return this.#received;
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** Resolves with all that was received once it matches; rejects when the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received)) {
      if (this.socket.closed) throw new Error(`the connection ended after: ${this.#received}`);
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
    return this.#received;
  }

  /** Resolves with all that was received when the connection has ended. */
  async ended(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.#received;
  }
}

/** Settles from outside: for tests that let a handler wait. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
