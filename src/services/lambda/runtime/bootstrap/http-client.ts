import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

interface PendingAnswer {
  resolve(answer: HttpAnswer): void;
  reject(error: Error): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * HTTP/1.1 with the server's Runtime API, which answers each request in turn with a Content-Length. `node:http` takes
 * longer for one exchange than the rest of an invocation.
 */
export class HttpClient {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #pending: PendingAnswer | undefined;
  /** What has arrived of the answer. */
  #parts: Buffer[] = [];
  #bytes = 0;
  /** How many bytes the answer has; 0 until its head is complete. */
  #expectedBytes = 0;
  #headBytes = 0;

  /** `address` is `<host>:<port>`. */
  constructor(address: string) {
    const [host = '', port = '0'] = address.split(':');
    this.#host = host;
    this.#port = Number(port);
  }

  /**
   * One at a time. `fields` are complete lines of the head. Rejects when the connection fails.
   * The connection keeps the process alive only while an answer is awaited, so that an empty event loop shows that a
   * handler has nothing left to do.
   */
  send(method: string, path: string, fields: string, body: string | undefined): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      const socket = (this.#socket ??= this.#connect());
      const length = body === undefined ? 0 : Buffer.byteLength(body);
      const content =
        body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${length}\r\n`;
      const head = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}:${this.#port}\r\n${fields}${content}\r\n`;
      socket.ref();
      socket.write(head + (body ?? ''));
    });
  }

  #connect(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    // 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#socket = undefined;
      const pending = this.#pending;
      this.#reset();
      pending?.reject(new Error('the Runtime API has closed the connection'));
    });
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    if (this.#expectedBytes === 0) {
      const read = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#bytes);
      if (this.#parts.length > 1) this.#parts = [read];
      const end = read.indexOf(HEAD_END);
      if (end === -1) return;
      this.#headBytes = end + HEAD_END.length;
      const length = /\r\ncontent-length: *(\d+)/i.exec(read.toString('latin1', 0, end))?.[1];
      this.#expectedBytes = this.#headBytes + Number(length ?? 0);
    }
    if (this.#bytes >= this.#expectedBytes) this.#finish();
  }

  #finish(): void {
    const [first] = this.#parts;
    const read =
      this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts, this.#bytes);
    const headBytes = this.#headBytes;
    const end = this.#expectedBytes;
    const pending = this.#pending;
    this.#reset();
    this.#socket?.unref();
    pending?.resolve({
      ...parseHead(read.toString('latin1', 0, headBytes)),
      body: read.subarray(headBytes, end),
    });
  }

  #reset(): void {
    this.#pending = undefined;
    this.#parts = [];
    this.#bytes = 0;
    this.#expectedBytes = 0;
    this.#headBytes = 0;
  }
}

function parseHead(head: string): Pick<HttpAnswer, 'status' | 'headers'> {
  const headers = new Map<string, string>();
  const lines = head.split('\r\n');
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: Number(lines[0]?.split(' ')[1]), headers };
}
