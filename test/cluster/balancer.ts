import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { selfSigned } from '../../src/http/self-signed.ts';

const CHECK_EVERY_MS = 200;
/** A machine that has to wait for a processor is well: clients that lose it three times in a row report an error. */
const CHECK_TIMEOUT_MS = 10_000;
const FAILURES_MAX = 2;

interface Backend {
  readonly endpoint: string;
  /** Health checks in a row that it has failed. */
  failures: number;
  readonly sockets: Set<Socket>;
}

/**
 * As a load balancer of TCP connections: each goes to the next machine that takes it. A machine that does not answer two
 * health checks in a row gets none, and loses those that it has, unless that is so of all machines.
 */
export class Balancer {
  readonly #server: Server;
  #tlsServer: Server | undefined;
  readonly #backends: readonly Backend[];
  readonly #closing = new AbortController();
  readonly #checking: Promise<void>;
  #turn = 0;

  private constructor(server: Server, endpoints: readonly string[]) {
    this.#server = server;
    this.#backends = endpoints.map((endpoint) => ({ endpoint, failures: 0, sockets: new Set<Socket>() }));
    server.on('connection', (client) => void this.#accept(client));
    this.#checking = Promise.all(this.#backends.map((backend) => this.#check(backend))).then(() => undefined);
  }

  static async start(endpoints: readonly string[]): Promise<Balancer> {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(server, endpoints);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${portOf(this.#server)}`;
  }

  /** Listens for TLS as well, which it ends here: its backends get plain connections. Resolves with the endpoint. */
  async listenTls(): Promise<string> {
    const server = createTlsServer(selfSigned(['127.0.0.1'], Date.now()));
    server.on('secureConnection', (client) => void this.#accept(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#tlsServer = server;
    return `https://127.0.0.1:${portOf(server)}`;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#server.close();
    this.#tlsServer?.close();
    for (const backend of this.#backends) cut(backend);
    await this.#checking;
  }

  async #accept(client: Socket): Promise<void> {
    client.on('error', () => client.destroy());
    for (const backend of this.#inTurn()) {
      const socket = await opened(backend);
      if (socket === undefined) continue;
      join(client, socket, backend);
      return;
    }
    client.destroy();
  }

  #inTurn(): Backend[] {
    const healthy = this.#backends.filter(({ failures }) => failures < FAILURES_MAX);
    // If none looks healthy, the check is at fault.
    const backends = healthy.length === 0 ? this.#backends : healthy;
    const from = this.#turn++ % backends.length;
    return [...backends.slice(from), ...backends.slice(0, from)];
  }

  async #check(backend: Backend): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const timeout = AbortSignal.timeout(CHECK_TIMEOUT_MS);
      const isWell = await fetch(`${backend.endpoint}/health/live`, { signal: timeout }).then(
        ({ ok }) => ok,
        () => false,
      );
      backend.failures = isWell ? 0 : backend.failures + 1;
      const isOneWell = this.#backends.some(({ failures }) => failures === 0);
      if (backend.failures >= FAILURES_MAX && isOneWell) cut(backend);
      await sleep(CHECK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function portOf(server: Server): number {
  // A server that listens on a port has an address of this form.
  return (server.address() as AddressInfo).port;
}

function cut({ sockets }: Backend): void {
  for (const socket of sockets) socket.destroy();
}

/** Undefined when the machine does not take the connection. */
async function opened({ endpoint }: Backend): Promise<Socket | undefined> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect({ host: hostname, port: Number(port) });
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    return undefined;
  }
}

function join(client: Socket, server: Socket, backend: Backend): void {
  backend.sockets.add(server);
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.setNoDelay(true);
    one.on('error', () => one.destroy());
    one.on('close', () => other.destroy());
    one.pipe(other);
  }
  server.on('close', () => backend.sockets.delete(server));
}
