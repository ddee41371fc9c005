import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { Readable } from 'node:stream';
import { version } from '../../support/version.ts';
import type { FoundServer } from './find-server.ts';
import { TlsAgent } from './tls.ts';

const usualAgent = new TlsAgent({ keepAlive: true });

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * As `fetch`, which cannot show a client certificate: resolves with the head of the answer, whatever its status, and
 * rejects with the error of the connection.
 */
export function request(
  { agent = usualAgent }: Pick<FoundServer, 'agent'>,
  url: URL,
  { method = 'GET', headers = {}, body = '', signal }: RequestOptions = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { 'user-agent': `nagare/${version()}`, ...headers },
      ...(signal !== undefined && { signal }),
    };
    const sent =
      url.protocol === 'https:' ? requestSecure(url, { ...options, agent }) : requestPlain(url, options);
    sent.on('response', (answer) => resolve(responseOf(answer)));
    sent.on('error', reject);
    sent.end(body);
  });
}

function responseOf(answer: IncomingMessage): Response {
  const { statusCode: status = 0, rawHeaders } = answer;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  if (!hasBody) answer.resume();
  // Node's own type of a web stream is not that of the global one.
  const body = hasBody ? (Readable.toWeb(answer) as ReadableStream<Uint8Array>) : null;
  return new Response(body, { status, headers });
}
