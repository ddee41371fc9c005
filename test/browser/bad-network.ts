import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A network between a browser and a server, which somebody pulls at. */
export interface BadNetwork {
  readonly endpoint: string;
  /** Bytes per second from the server; endless unless set. */
  rate: number;
  /** Cuts all connections. */
  cut(): void;
  /** The connections of now pass nothing more on, and nobody is told. */
  silence(): void;
  close(): Promise<void>;
}

export async function startBadNetwork(to: string): Promise<BadNetwork> {
  const { hostname, port } = new URL(to);
  const pairs = new Set<readonly [Socket, Socket]>();
  const silent = new Set<Socket>();
  const network = { rate: Infinity };
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (chunk) => silent.has(client) || upstream.write(chunk));
    void passOn(upstream, client);
  });

  async function passOn(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (silent.has(to)) continue;
        if (!to.write(chunk)) await once(to, 'drain');
        if (Number.isFinite(network.rate)) await sleep((chunk.length / network.rate) * 1000);
      }
    } catch {
      // Cut.
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of that form.
  const address = server.address() as AddressInfo;
  return Object.assign(network, {
    endpoint: `http://127.0.0.1:${address.port}`,
    cut() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
    silence() {
      for (const [client] of pairs) silent.add(client);
    },
    async close() {
      this.cut();
      server.close();
      await once(server, 'close');
    },
  });
}
