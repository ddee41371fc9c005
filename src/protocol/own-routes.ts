import { denialMessage } from '../auth/authorization/denial-reason.ts';
import type { Identity } from '../auth/identity.ts';
import type { Principal } from '../auth/principal.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import { denialOfJson } from './denials.ts';
import { version } from '../support/version.ts';
import type { GuardOptions } from './operation-guard.ts';
import type { Routes } from './routes.ts';
import { nothingThere } from './rpc/rpc-routes.ts';

/** Additional members are returned unchanged. */
export interface HealthReport {
  /** `degraded`: some requests cannot be answered. */
  readonly status: 'ok' | 'degraded';
}

/** Metrics for monitoring systems. */
export interface Metrics {
  /** Whether this request, which is not signed, may read them. */
  allows(request: HttpRequest): boolean;
  readonly answer: HttpHandler;
}

export interface OwnRoutesOptions {
  /** Answers `GET /health` and `GET /health/ready`. */
  readonly health?: () => Promise<HealthReport>;
  /** Answers `GET /metrics`. */
  readonly metrics?: Metrics | undefined;
  /**
   * Handles paths below `/_nagare/`. With `--auth off`, reads are open to everyone, and everything else needs a
   * signature; otherwise all but `openPaths` are for the root key, and for callers who are allowed their action.
   */
  readonly reserved?: (request: HttpRequest, principal: Principal) => Promise<HttpResponse>;
  /** Paths below `/_nagare/` that every key may use. */
  readonly signedPaths?: readonly string[];
  /** Actions of paths below `/_nagare/`. */
  readonly ownActions?: Readonly<Record<string, string>>;
  /** Beginnings of paths below `/_nagare/` that anyone may read, as on AWS. */
  readonly openPaths?: readonly string[];
  /** Decides what callers may do; absent with `--auth off`. */
  readonly guard?: GuardOptions | undefined;
}

export function isOwn(request: HttpRequest): boolean {
  return isHealthCheck(request) || isScrape(request) || request.path.startsWith('/_nagare/');
}

const HEALTH_PATHS: ReadonlySet<string> = new Set(['/health', '/health/live', '/health/ready']);

/** A plain GET. A request that is signed or has a query means a bucket of that name. */
export function isHealthCheck({ method, path, query, headers }: HttpRequest): boolean {
  return method === 'GET' && query === '' && headers.authorization === undefined && HEALTH_PATHS.has(path);
}

/** A GET as monitoring systems make it: without a signature. Any other means a bucket of that name. */
export function isScrape({ method, path, query, headers: { authorization } }: HttpRequest): boolean {
  if (method !== 'GET' || path !== '/metrics' || (query !== '' && query !== 'shards=1')) return false;
  return authorization === undefined || authorization.startsWith('Bearer ');
}

/** The process runs; whether it can answer requests is not asked. */
export function liveness(): HttpResponse {
  return json(200, { status: 'ok', version: version() });
}

/** Routes of nagare's own, outside of the AWS APIs. */
export function ownRoutes(options: OwnRoutesOptions): Routes {
  const { health, metrics, reserved, openPaths = [] } = options;
  return {
    async answer(request, { principal }) {
      if (isHealthCheck(request)) {
        if (request.path === '/health/live') return liveness();
        const report = (await health?.()) ?? { status: 'ok' };
        return json(report.status === 'ok' ? 200 : 503, report);
      }
      if (isScrape(request)) return scrape(request, metrics);
      const isOpen = isReading(request) && openPaths.some((path) => request.path.startsWith(path));
      const message = isOpen ? undefined : await refusalOf(request, principal, options);
      if (message !== undefined) return denied(message);
      return (await reserved?.(request, principal)) ?? nothingThere();
    },
    deny(_request, denial) {
      const { code, message, status } = denialOfJson(denial);
      return denial.kind === 'access' ? denied(message) : json(status, { code, message });
    },
    has: () => false,
  };
}

function scrape(request: HttpRequest, metrics: Metrics | undefined): Promise<HttpResponse> {
  if (metrics === undefined) return Promise.resolve(nothingThere());
  if (metrics.allows(request)) return metrics.answer(request);
  const message =
    'Reading /metrics from another machine needs the token of --metrics-token-file as Authorization: Bearer. Signed requests read /_nagare/metrics.';
  return Promise.resolve(denied(message));
}

/** Undefined for a request that is allowed. */
function refusalOf(
  request: HttpRequest,
  { isSigned, identity, scope }: Principal,
  options: OwnRoutesOptions,
): string | undefined | Promise<string | undefined> {
  const { method, path } = request;
  if (identity.kind === 'unverified') {
    return isReading(request) || isSigned ? undefined : `${method} ${path} must be signed.`;
  }
  if (!isSigned) return `${method} ${path} must be signed with the root key.`;
  // S3's signatures need not cover the body.
  if (scope?.service === 's3') return `${method} ${path} must not be signed for S3.`;
  const isForAll = options.signedPaths?.includes(path) === true && identity.functionArn === undefined;
  return identity.kind === 'root' || isForAll ? undefined : refusalTo(identity, request, options);
}

async function refusalTo(
  identity: Identity,
  http: HttpRequest,
  { guard, ownActions = {} }: OwnRoutesOptions,
): Promise<string | undefined> {
  const { method, path } = http;
  const action = Object.hasOwn(ownActions, path) ? ownActions[path] : undefined;
  if (action === undefined || guard === undefined || identity.functionArn !== undefined) {
    return `${method} ${path} is for the root key only; this is ${identity.arn}.`;
  }
  const { authorizer, region, now } = guard;
  const permissions = [{ action, resource: '*' }];
  const lacking = await authorizer.authorize({ identity, http, region, nowMs: now(), permissions });
  return lacking && denialMessage(lacking, identity);
}

function isReading({ method }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

function denied(message: string): HttpResponse {
  return json(403, { message });
}

function json(status: number, content: object): HttpResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(content) };
}
