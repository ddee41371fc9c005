import http from 'node:http';
import https from 'node:https';
import type { Egress } from './egress.ts';

/** The response, or why there is none. */
export type PostResult =
  | {
      readonly status: number;
      readonly body: Buffer;
      /** As sent: seconds, or a date. */
      readonly retryAfter?: string | undefined;
    }
  | 'interrupted'
  | { readonly failure: string; readonly kind: 'connection' | 'timeout' | 'too large' };

export type HttpPost = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
  signal: AbortSignal,
) => Promise<PostResult>;

export interface HttpPoster {
  readonly post: HttpPost;
  close(): void;
}

export interface HttpPosterOptions {
  readonly timeoutMs: number;
  /** Connections to one endpoint. */
  readonly socketsMax: number;
  /** Of the response's body; undefined: it is discarded. */
  readonly responseBytesMax?: number;
  /** Whom to trust, and who this side is, in PEM, instead of what Node.js takes. */
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** Sends POST requests over persistent connections; follows no redirects. */
export function httpPoster(egress: Egress, options: HttpPosterOptions): HttpPoster {
  const agents = egress.agents({ keepAlive: true, maxSockets: options.socketsMax, ...options.tls });
  const post: HttpPost = (url, headers, body, signal) =>
    new Promise((resolve) => {
      const target = new URL(url);
      const isSecure = target.protocol === 'https:';
      const late = AbortSignal.timeout(options.timeoutMs);
      const request = (isSecure ? https : http).request(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body).toString() },
        agent: isSecure ? agents.https : agents.http,
        signal: AbortSignal.any([signal, late]),
      });
      const fail = (error: Error): void => {
        if (signal.aborted) resolve('interrupted');
        else if (late.aborted) {
          resolve({ failure: `no response within ${options.timeoutMs} ms`, kind: 'timeout' });
        } else resolve({ failure: error.message, kind: 'connection' });
      };
      request.on('response', (response) => {
        const status = response.statusCode ?? 0;
        const retryAfter = response.headers['retry-after'];
        if (options.responseBytesMax === undefined) {
          response.on('error', () => {});
          response.resume();
          resolve({ status, retryAfter, body: Buffer.alloc(0) });
        } else readBody(response, options.responseBytesMax, { fail, resolve, status, retryAfter });
      });
      request.on('error', fail);
      request.end(body);
    });
  return {
    post,
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

interface Reading {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly fail: (error: Error) => void;
  readonly resolve: (result: PostResult) => void;
}

function readBody(
  response: http.IncomingMessage,
  bytesMax: number,
  { status, retryAfter, fail, resolve }: Reading,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= bytesMax) return;
    resolve({ failure: `the response has more than ${bytesMax} bytes`, kind: 'too large' });
    response.destroy();
  });
  response.on('end', () => resolve({ status, retryAfter, body: Buffer.concat(chunks) }));
  response.on('error', fail);
  response.on('close', () => fail(new Error('the response was not complete')));
}
