import { connect, type Socket } from 'node:net';

/**
 * A load generator light enough to share two cores with what it measures: requests are bytes made beforehand,
 * sent over keep-alive connections, one at a time on each (closed loop); of an answer it reads the status and
 * the content-length.
 */
export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  /** Whole HTTP/1.1 requests; connections take them in turn. */
  readonly requests: readonly Buffer[];
}

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

export function httpRequest(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
): Buffer {
  const head = `${requestHead(path, headers)}content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

/** Of a POST, without the length of its body and the empty line. */
export function requestHead(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: '127.0.0.1', ...headers });
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
}

/** Runs the load for its time after all connections are open. Rejects when a connection breaks. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  let failures = 0;
  let next = 0;
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load.port)));
  const startedMs = performance.now();
  const untilMs = startedMs + load.durationMs;

  await Promise.all(
    sockets.map(async (socket) => {
      const answers = answerReader(socket);
      while (performance.now() < untilMs) {
        const request = load.requests[next++ % load.requests.length];
        if (request === undefined) throw new RangeError('a load needs requests');
        const sentMs = performance.now();
        socket.write(request);
        if ((await answers()).status !== 200) failures++;
        latenciesMs.push(performance.now() - sentMs);
      }
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  latenciesMs.sort((a, b) => a - b);
  return {
    requests: latenciesMs.length,
    requestsPerSecond: latenciesMs.length / seconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    failures,
  };
}

export interface Connection {
  /** Sends a request and resolves with the body of its answer; rejects when it is no 200. */
  send(request: Buffer): Promise<Buffer>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One connection, for one request at a time. */
export async function readOne(port: number): Promise<Connection> {
  const socket = await open(port);
  const answers = answerReader(socket);
  return {
    async send(request) {
      socket.write(request);
      const { status, body } = await answers();
      if (status !== 200) throw new Error(body.toString());
      return body;
    },
    async [Symbol.asyncDispose]() {
      if (socket.closed) return;
      await new Promise((resolve) => socket.once('close', resolve).destroy());
    },
  };
}

/** `sorted` ascending and not empty. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

const HEAD_END = Buffer.from('\r\n\r\n');

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Resolves with the next answer once its body has come whole. */
function answerReader(socket: Socket): () => Promise<Answer> {
  let chunks: Buffer[] = [];
  let received = 0;
  let head: { readonly status: number; readonly start: number; readonly end: number } | undefined;
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
    if (head === undefined) {
      const all = joined();
      const start = all.indexOf(HEAD_END) + HEAD_END.length;
      if (start < HEAD_END.length) return;
      const text = all.toString('latin1', 0, start);
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      if (length === undefined) return fail(new Error(`an answer without content-length:\n${text}`));
      head = { status: Number(text.slice(9, 12)), start, end: start + Number(length) };
    }
    if (received < head.end) return;
    const { status, start, end } = head;
    const all = joined();
    chunks = received > end ? [all.subarray(end)] : [];
    received -= end;
    head = undefined;
    const { resolve } = waiting ?? {};
    waiting = undefined;
    resolve?.({ status, body: all.subarray(start, end) });
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed a connection')));
  function joined(): Buffer {
    const [first] = chunks;
    if (first !== undefined && chunks.length === 1) return first;
    const all = Buffer.concat(chunks, received);
    chunks = [all];
    return all;
  }
  function fail(error: Error): void {
    waiting?.reject(error);
    waiting = undefined;
  }
  return () => new Promise((resolve, reject) => (waiting = { resolve, reject }));
}
