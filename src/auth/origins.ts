import type { HttpRequest, HttpResponse } from '../http/message.ts';

/** How long a browser may remember a preflight's answer; Chromium takes no more. */
const PREFLIGHT_SECONDS_MAX = 7200;
const METHODS = 'GET, HEAD, POST, PUT, DELETE';
const FIELD_NAMES = /^[!#$%&'*+\-.^_`|~0-9A-Za-z, ]*$/;

/** What a browser asks before it sends a request that a page could not have sent without CORS. */
export function isPreflight({ method, headers }: HttpRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

/** Lets a page of `origin`, which is allowed, send whatever it asks for. */
export function preflightAnswer(origin: string, { headers }: HttpRequest): HttpResponse {
  const asked = headers['access-control-request-headers'];
  return {
    status: 204,
    headers: {
      ...corsHeaders(origin),
      'Access-Control-Allow-Methods': METHODS,
      ...(asked !== undefined && FIELD_NAMES.test(asked) && { 'Access-Control-Allow-Headers': asked }),
      ...(headers['access-control-request-private-network'] === 'true' && {
        'Access-Control-Allow-Private-Network': 'true',
      }),
      'Access-Control-Max-Age': String(PREFLIGHT_SECONDS_MAX),
    },
  };
}

/** The answer as a page of `origin`, which is allowed, may read it: with every header that it has. */
export function readableBy(origin: string, response: HttpResponse): HttpResponse {
  const exposed = Object.keys(response.headers).join(', ');
  return {
    ...response,
    headers: {
      ...response.headers,
      ...corsHeaders(origin),
      ...(exposed !== '' && { 'Access-Control-Expose-Headers': exposed }),
    },
  };
}

function corsHeaders(origin: string): Record<string, string> {
  return { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' };
}
