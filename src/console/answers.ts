import type { HttpResponse } from '../http/message.ts';

/** A request that the console refuses. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function notFound(what: string): ConsoleError {
  return new ConsoleError(404, 'NotFound', `There is no ${what}.`);
}

export function badRequest(message: string): ConsoleError {
  return new ConsoleError(400, 'BadRequest', message);
}

export function denied(action: string, resource: string): ConsoleError {
  return new ConsoleError(403, 'AccessDenied', `Your key may not do ${action} on ${resource}.`);
}

const SECURITY = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** With the headers that each answer of the console has. */
export function protectedAnswer(response: HttpResponse): HttpResponse {
  return { ...response, headers: { ...SECURITY, ...response.headers } };
}

export function json(content: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(content),
  };
}

export function errorAnswer(error: ConsoleError): HttpResponse {
  return json({ code: error.code, message: error.message }, error.status);
}
