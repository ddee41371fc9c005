import http from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Egress } from './egress.ts';

export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Asked about a server whose certificate the machine does not trust. */
  readonly trusts?: (socket: TLSSocket) => boolean;
}

export interface HttpClientOptions {
  readonly timeoutMs: number;
  readonly socketsMax: number;
  readonly responseBytesMax: number;
  /** False: each request has a connection of its own. */
  readonly keepAlive: boolean;
}

export interface JsonResponse {
  readonly status: number;
  readonly body: string;
}

/** An HTTP client with a bounded time and response size, subject to the egress rules. Does not follow redirects. */
export class HttpClient {
  readonly #agents: ReturnType<Egress['agents']>;
  readonly #options: HttpClientOptions;

  constructor(egress: Egress, options: HttpClientOptions) {
    const { keepAlive, socketsMax } = options;
    this.#agents = egress.agents({
      keepAlive,
      maxSockets: socketsMax,
      // A resumed TLS session does not show the certificates.
      ...(!keepAlive && { maxCachedSessions: 0 }),
    });
    this.#options = options;
  }

  /** Rejects if there is no complete response; the request may have taken effect. */
  send({ method, url, headers, body = '', trusts }: JsonRequest, signal: AbortSignal): Promise<JsonResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<JsonResponse>();
    const { timeoutMs, responseBytesMax } = this.#options;
    const target = new URL(url);
    const isSecure = target.protocol === 'https:';
    const request = (isSecure ? https : http).request(target, {
      method,
      headers: {
        accept: 'application/json',
        ...(method === 'POST' && {
          'content-type': 'application/json',
          'content-length': `${Buffer.byteLength(body)}`,
        }),
        ...headers,
      },
      agent: isSecure ? this.#agents.https : this.#agents.http,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      ...(isSecure && trusts !== undefined && { rejectUnauthorized: false }),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      // `https` connects with such a socket.
      const socket = response.socket as TLSSocket;
      if (isSecure && trusts !== undefined && !socket.authorized && !trusts(socket)) {
        request.destroy(new Error(`the certificate is not trusted: ${String(socket.authorizationError)}`));
        return;
      }
      const pieces: Buffer[] = [];
      let size = 0;
      response.on('data', (piece: Buffer) => {
        size += piece.length;
        pieces.push(piece);
        if (size > responseBytesMax) {
          request.destroy(new Error(`the response is larger than ${responseBytesMax} bytes`));
        }
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString() }),
      );
    });
    request.end(body);
    return promise;
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}
