import type { Admission, Admit, Admitted } from '../auth/admission.ts';
import { readableBy } from '../auth/origins.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { restRoutes } from './rest/rest-routes.ts';
import type { Routes } from './routes.ts';
import { formRoutes, isForm } from './rpc/form-routes.ts';
import { nothingThere, rpcPathRoutes, targetRoutes } from './rpc/rpc-routes.ts';
import type { Service } from './service.ts';

/** Additional members are returned unchanged. */
export interface HealthReport {
  /** `degraded`: some requests cannot be answered. */
  readonly status: 'ok' | 'degraded';
}

export interface DispatcherOptions {
  readonly services: readonly Service[];
  readonly admit: Admit;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Answers `GET /health`. */
  readonly health?: () => Promise<HealthReport>;
  /** Handles paths below `/_nagare/`: reads are open to everyone, everything else needs a signature. */
  readonly reserved?: HttpHandler;
}

/**
 * Admits or refuses a request, then finds its service and operation in AWS's order: by target, by Smithy's RPC path,
 * by form, by the REST paths. Requests that nothing claims are S3's, whose bucket names can be anything. Health
 * checks and paths below `/_nagare/` pass the same admission.
 */
export function createDispatcher(options: DispatcherOptions): HttpHandler {
  const { admit } = options;
  const byTarget = targetRoutes(options.services, options);
  const byRpcPath = rpcPathRoutes(options.services, options);
  const byForm = formRoutes(options.services, options);
  const byPath = restRoutes(options.services, options);
  const ownPages = ownRoutes(options);

  function routesOf(request: HttpRequest, bucket: string | undefined): Routes {
    if (typeof request.headers['x-amz-target'] === 'string') return byTarget;
    if (request.headers['smithy-protocol'] !== undefined) return byRpcPath;
    if (bucket === undefined && isOwn(request)) return ownPages;
    return isForm(request, bucket) ? byForm : byPath;
  }

  return (request) => {
    const admission = admit(request);
    if (admission.kind !== 'admitted') return Promise.resolve(turnedAway(request, admission));
    const admitted = namesNoBucket(admission) ? { ...admission, bucket: undefined } : admission;
    const answer = routesOf(request, admitted.bucket).answer(request, admitted);
    const { origin } = admission;
    return origin === undefined ? answer : answer.then((response) => readableBy(origin, response));
  };

  function turnedAway(request: HttpRequest, admission: Exclude<Admission, Admitted>): HttpResponse {
    if (admission.kind === 'answered') return admission.answer;
    return routesOf(request, undefined).deny(request, admission.message);
  }
}

/** `lambda.localhost`, from a client that signs for Lambda, is not a bucket. */
function namesNoBucket({ bucket, principal }: Admitted): boolean {
  return bucket !== undefined && principal.scope?.service.startsWith('s3') === false;
}

function isOwn(request: HttpRequest): boolean {
  return isHealthCheck(request) || request.path.startsWith('/_nagare/');
}

/** A plain GET. A request that is signed or has a query means a bucket of that name. */
function isHealthCheck({ method, path, query, headers }: HttpRequest): boolean {
  return method === 'GET' && path === '/health' && query === '' && headers.authorization === undefined;
}

/** Routes of nagare's own, outside of the AWS APIs. */
function ownRoutes({ health, reserved }: DispatcherOptions): Routes {
  return {
    async answer(request, { principal }) {
      if (isHealthCheck(request)) {
        const report = (await health?.()) ?? { status: 'ok' };
        return json(report.status === 'ok' ? 200 : 503, report);
      }
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (!isRead && !principal.isSigned) return denied(`${request.method} ${request.path} must be signed.`);
      return (await reserved?.(request)) ?? nothingThere();
    },
    deny: (_request, message) => denied(message),
  };
}

function denied(message: string): HttpResponse {
  return json(403, { message });
}

function json(status: number, content: object): HttpResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(content) };
}
