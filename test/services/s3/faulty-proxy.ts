import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Fault = 'none' | 'drop request' | 'drop answer';

export interface FaultyProxy {
  readonly endpoint: string;
  /** Decides what becomes of the next connection's request; asked when its first bytes are there. */
  fault: (head: string) => Fault;
  close(): Promise<void>;
}

/** Between a client and a server: passes connections on, or loses a request or its answer. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    return socket;
  };
  const server = createServer((client) => {
    track(client);
    const upstream = track(connect(Number(port), hostname));
    let losing = false;
    client.on('data', (chunk) => {
      const head = chunk.toString('latin1');
      if (/^(GET|PUT|POST|HEAD|DELETE) /.test(head)) {
        const fault = proxy.fault(head);
        if (fault === 'drop request') {
          client.destroy();
          upstream.destroy();
          return;
        }
        losing = fault === 'drop answer';
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // The request has been served by now: only its answer is lost.
      if (losing && !chunk.toString('latin1').startsWith('HTTP/1.1 100 ')) client.destroy();
      else client.write(chunk);
    });
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo; // a TCP server has one
  const proxy: FaultyProxy = {
    endpoint: `http://127.0.0.1:${address.port}`,
    fault: () => 'none',
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
