import type { HttpRequest, HttpResponse } from '../http/message.ts';

/** How long a browser may cache a preflight response; Chromium's maximum. */
const PREFLIGHT_SECONDS_MAX = 7200;
const METHODS = 'GET, HEAD, POST, PUT, DELETE';
const FIELD_NAMES = /^[!#$%&'*+\-.^_`|~0-9A-Za-z, ]*$/;

/** The request that a browser sends before one that a page could not have sent without CORS. */
export function isPreflight({ method, headers }: HttpRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

/** Lets a page of the allowed `origin` send any request. */
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

/** Returns the response with CORS headers for a page of the allowed `origin`: all headers are readable. */
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
