import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { hasErrorCode } from '../../src/support/errno.ts';

/** Below those that the system gives to whoever asks for any (32,768 and above) and those of Kafka's brokers. */
const [FIRST, COUNT] = [10_000, 10_000];

export interface ReservedPort {
  readonly port: number;
  /** Also happens when this process ends. */
  readonly release: () => void;
}

/**
 * A port of 127.0.0.1 for a server that is started on it again and again. While it is down, the system gives the port
 * to nobody, and neither does this function: whoever has the same port of another loopback address has reserved it.
 */
export async function reservePort(): Promise<ReservedPort> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const reservation = await listener('127.0.0.2', port);
    if (reservation === undefined) continue;
    reservation.unref();
    const release = (): void => void reservation.close();
    const trial = await listener('127.0.0.1', port);
    if (trial === undefined) {
      release();
      continue;
    }
    trial.close();
    await once(trial, 'close');
    return { port, release };
  }
}

async function listener(host: string, port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (hasErrorCode(error, 'EADDRINUSE')) return undefined;
    throw error;
  }
}
