import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../../../src/engine/kafka/socket.ts';

const PRODUCE = 0;

/**
 * What happens to a produce request: nothing; its answer never arrives; it is cut in the middle; its answer is; its
 * answer arrives late.
 */
export type Interference =
  | 'none'
  | 'lose answer'
  | 'cut request'
  | 'cut answer'
  | { readonly delayMs: number };

/** Between a client and a broker that advertises this address as its own. Disturbs the next produce requests. */
export class Proxy {
  readonly #server: Server;
  readonly #to: Address;
  readonly #sockets = new Set<Socket>();
  /** For the next produce requests, in turns. */
  readonly interferences: Interference[] = [];

  private constructor(server: Server, to: Address) {
    this.#server = server;
    this.#to = to;
    server.on('connection', (client) => this.#forward(client));
  }

  static async start(at: Address, to: Address): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, to);
    server.listen(at.port, at.host);
    await once(server, 'listening');
    return proxy;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #forward(client: Socket): void {
    const broker = connect(this.#to);
    const cut = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    const boundaries = new FrameBoundaries();
    let interference: Interference = 'none';
    client.on('data', (chunk) => {
      if (boundaries.keysIn(chunk).includes(PRODUCE)) interference = this.interferences.shift() ?? 'none';
      if (interference !== 'cut request') return void broker.write(chunk);
      broker.write(chunk.subarray(0, Math.max(1, chunk.length >> 1)), cut);
    });
    broker.on('data', (chunk) => {
      if (interference === 'lose answer') return cut();
      if (interference === 'cut answer') return void client.write(chunk.subarray(0, chunk.length >> 1), cut);
      if (typeof interference === 'string') return void client.write(chunk);
      setTimeout(() => client.write(chunk), interference.delayMs);
    });
  }
}

/** Finds where requests begin in a stream of chunks. */
class FrameBoundaries {
  #head = Buffer.alloc(0);
  /** Bytes of the present request that are still to come. */
  #left = 0;

  /** The API keys of the requests that begin in a chunk. */
  keysIn(chunk: Buffer): number[] {
    const keys: number[] = [];
    let rest = Buffer.concat([this.#head, chunk]);
    this.#head = Buffer.alloc(0);
    for (;;) {
      const skipped = Math.min(this.#left, rest.length);
      this.#left -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length === 0) return keys;
      if (rest.length < 6) {
        this.#head = rest;
        return keys;
      }
      keys.push(rest.readInt16BE(4));
      this.#left = rest.readInt32BE(0) + 4;
    }
  }
}
