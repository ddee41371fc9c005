import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /** Cuts the next connection on which a client sends this, when the server has answered. */
  cutAfter(text: string): void;
  /** From now on nothing is passed on any more, and nothing is closed. */
  stall(): void;
  /** How many connections were cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Between a client and a server: passes a statement on to the server, and never lets its answer through. */
export async function startProxy(targetPort: number): Promise<CuttingProxy> {
  let [cutText, cuts, isStalled]: [string | undefined, number, boolean] = [undefined, 0, false];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    let isMuted = false;
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        target.destroy();
        sockets.delete(socket);
      });
    }
    client.on('data', (data) => {
      if (isStalled) return;
      if (cutText !== undefined && data.includes(cutText)) {
        isMuted = true;
        cutText = undefined;
      }
      target.write(data);
    });
    target.on('data', (data) => {
      if (isStalled) return;
      if (!isMuted) return client.write(data);
      // The server has answered, so the statement is carried out.
      cuts++;
      client.destroy();
      return undefined;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port is a number');
  return {
    port: address.port,
    cutAfter(text) {
      cutText = text;
    },
    stall() {
      isStalled = true;
    },
    get cuts() {
      return cuts;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
