import http from 'node:http';
import https from 'node:https';
import type { Egress } from '../../support/egress.ts';
import { icebergLimits } from './limits.ts';

export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface JsonResponse {
  readonly status: number;
  readonly body: string;
}

/** An HTTP client with a bounded time and response size, subject to the egress rules. Does not follow redirects. */
export class HttpClient {
  readonly #agents: ReturnType<Egress['agents']>;
  readonly #timeoutMs: number;

  constructor(egress: Egress, timeoutMs: number = icebergLimits.catalogTimeoutMs) {
    this.#agents = egress.agents({ keepAlive: true, maxSockets: icebergLimits.catalogSocketsMax });
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects if there is no complete response; the request may have taken effect. */
  send({ method, url, headers, body = '' }: JsonRequest, signal: AbortSignal): Promise<JsonResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<JsonResponse>();
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
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      let size = 0;
      response.on('data', (piece: Buffer) => {
        size += piece.length;
        pieces.push(piece);
        if (size > icebergLimits.catalogResponseBytesMax) {
          request.destroy(
            new Error(`the response is larger than ${icebergLimits.catalogResponseBytesMax} bytes`),
          );
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
