import http from 'node:http';
import https from 'node:https';
import type { Egress } from '../../support/egress.ts';
import { snsLimits } from './limits.ts';

/** The status of the response, or why there is none. */
export type PostResult = number | 'interrupted' | { readonly failure: string };

export type HttpPost = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
) => Promise<PostResult>;

export interface HttpPoster {
  readonly post: HttpPost;
  close(): void;
}

/** Sends POST requests over persistent connections; follows no redirects; discards the response's body. */
export function httpPoster(egress: Egress, timeoutMs: number = snsLimits.httpTimeoutMs): HttpPoster {
  const options = { keepAlive: true, maxSockets: snsLimits.deliveriesAtOncePerSubscriptionMax };
  const agents = egress.agents(options);
  const post: HttpPost = (url, headers, body, signal) =>
    new Promise((resolve) => {
      const target = new URL(url);
      const isSecure = target.protocol === 'https:';
      const request = (isSecure ? https : http).request(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body).toString() },
        agent: isSecure ? agents.https : agents.http,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      request.on('response', (response) => {
        response.on('error', () => {});
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', (error) => {
        if (signal.aborted) resolve('interrupted');
        else
          resolve({
            failure: error.name === 'TimeoutError' ? `no response within ${timeoutMs} ms` : error.message,
          });
      });
      request.end(body);
    });
  return {
    post,
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
