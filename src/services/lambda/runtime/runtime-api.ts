import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lambdaLimits } from '../limits.ts';

/** Receives what a function's process reports. Numbers and names are Lambda's. */
export interface RuntimeListener {
  /** It asks for an invocation: its handler is loaded, and its previous invocation is done. */
  next(): void;
  /** Returns false when that is not its current invocation. */
  response(requestId: string, payload: Buffer): boolean;
  responseTooLarge(requestId: string): boolean;
  error(requestId: string, errorType: string | undefined, payload: Buffer): boolean;
  initError(errorType: string | undefined, payload: Buffer): void;
  loadedFiles(payload: Buffer): void;
}

export interface HandedInvocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  readonly clientContext: string | undefined;
}

const PREFIX = '/2018-06-01/runtime/';

/**
 * The Lambda Runtime API (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) for one process, on its own loopback
 * port: the port identifies the process, whatever runtime client it uses.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #listener: RuntimeListener;
  #parked: ServerResponse | undefined;

  private constructor(server: Server, listener: RuntimeListener) {
    this.#server = server;
    this.#listener = listener;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#route(request, response).catch(() => response.destroy());
    });
  }

  static async open(listener: RuntimeListener): Promise<RuntimeApi> {
    // No timeouts: a handler may be busy for 15 minutes while its connection is idle.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new RuntimeApi(server, listener);
  }

  /** The value of AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    // A TCP server has an address of this form.
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** Answers the pending call for the next invocation. */
  hand(invocation: HandedInvocation): void {
    const response = this.#parked;
    if (response === undefined) throw new Error('the process has not asked for an invocation');
    this.#parked = undefined;
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': invocation.payload.byteLength,
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
      'lambda-runtime-invoked-function-arn': invocation.functionArn,
      'lambda-runtime-trace-id': invocation.traceId,
      ...(invocation.clientContext === undefined
        ? {}
        : { 'lambda-runtime-client-context': invocation.clientContext }),
    });
    response.end(invocation.payload);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isFromPage(request, this.address)) {
      const errorMessage =
        'Only runtimes may call the Runtime API, at the address in AWS_LAMBDA_RUNTIME_API.';
      return answer(response, 403, { errorType: 'Forbidden', errorMessage });
    }
    const path = request.url ?? '';
    const [what, requestId, verb] = path.startsWith(PREFIX) ? path.slice(PREFIX.length).split('/') : [];
    if (request.method === 'GET' && what === 'invocation' && requestId === 'next' && verb === undefined) {
      this.#parked = response;
      return this.#listener.next();
    }
    const body = await readBody(request, lambdaLimits.invokeResponseBytesMax);
    if (request.method === 'POST' && what === 'invocation' && requestId !== undefined) {
      return this.#finish(response, requestId, verb, errorTypeOf(request), body);
    }
    if (request.method === 'POST' && what === 'init' && requestId === 'error' && body !== undefined) {
      this.#listener.initError(errorTypeOf(request), body);
      return answer(response, 202, { status: 'OK' });
    }
    if (request.method === 'POST' && what === 'loaded-files' && body !== undefined) {
      this.#listener.loadedFiles(body);
      return answer(response, 202, { status: 'OK' });
    }
    answer(response, 404, { errorType: 'NotFound', errorMessage: `unknown path: ${path}` });
  }

  #finish(
    response: ServerResponse,
    requestId: string,
    verb: string | undefined,
    errorType: string | undefined,
    body: Buffer | undefined,
  ): void {
    if (body === undefined) {
      const errorMessage = `Exceeded maximum allowed payload size (${lambdaLimits.invokeResponseBytesMax} bytes).`;
      this.#listener.responseTooLarge(requestId);
      return answer(response, 413, { errorMessage, errorType: 'RequestEntityTooLarge' });
    }
    let known = false;
    if (verb === 'response') known = this.#listener.response(requestId, body);
    else if (verb === 'error') known = this.#listener.error(requestId, errorType, body);
    if (known) answer(response, 202, { status: 'OK' });
    else answer(response, 400, { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' });
  }
}

/**
 * A web page in a browser on this machine can send requests to any port of the loopback. Browsers set these headers;
 * a page whose own name resolves to 127.0.0.1 (DNS rebinding) sends its name as Host.
 */
function isFromPage({ headers }: IncomingMessage, address: string): boolean {
  return headers.host !== address || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

function errorTypeOf(request: IncomingMessage): string | undefined {
  const header = request.headers['lambda-runtime-function-error-type'];
  return Array.isArray(header) ? header[0] : header;
}

/**
 * Returns undefined when the body is longer than `bytesMax`; the rest is read and discarded, so that the caller gets a
 * response.
 */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Without an encoding a request yields buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= bytesMax) chunks.push(chunk);
  }
  return length > bytesMax ? undefined : Buffer.concat(chunks, length);
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
