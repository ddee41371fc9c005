import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A network that loses answers: what the server says is passed on, or the connection is cut instead. */
export interface DroppingProxy {
  readonly endpoint: string;
  /** Answers that nobody heard. */
  readonly dropped: number;
  close(): Promise<void>;
}

export interface ProxyOptions {
  readonly to: string;
  /** From 0 to 1: how often the connection is cut at something that the server says. */
  readonly dropChance: number;
  readonly random: () => number;
}

export async function startDroppingProxy(options: ProxyOptions): Promise<DroppingProxy> {
  const { hostname, port } = new URL(options.to);
  const sockets = new Set<Socket>();
  let dropped = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    client.setNoDelay(true);
    let isCut = false;
    const cut = (): void => {
      if (isCut) return;
      isCut = true;
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (options.random() >= options.dropChance) return void client.write(chunk);
      dropped++;
      cut();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of that form.
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get dropped() {
      return dropped;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
