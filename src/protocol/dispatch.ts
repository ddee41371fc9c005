import type { Admission, Admit, Admitted } from '../auth/admission.ts';
import { SignatureError } from '../auth/denial.ts';
import type { Principal } from '../auth/principal.ts';
import type { SignatureVerifier } from '../auth/signature/verify.ts';
import { readableBy } from '../auth/origins.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { denialOfJson } from './denials.ts';
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
  /**
   * Handles paths below `/_nagare/`. With `--auth off`, reads are open to everyone, and everything else needs a
   * signature; otherwise all but `openPaths` need the signature of the root key.
   */
  readonly reserved?: HttpHandler;
  /** Beginnings of paths below `/_nagare/` that anyone may read, as on AWS. */
  readonly openPaths?: readonly string[];
  /** Verifies signatures; absent with `--auth off`. */
  readonly verifier?: SignatureVerifier | undefined;
}

/**
 * Admits or refuses a request, then finds its service and operation in AWS's order: by target, by Smithy's RPC path,
 * by form, by the REST paths. Requests that nothing claims are S3's, whose bucket names can be anything. Health
 * checks and paths below `/_nagare/` pass the same admission.
 */
export function createDispatcher(options: DispatcherOptions): HttpHandler {
  const { admit, verifier } = options;
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
    const answer =
      verifier === undefined ? carryOut(request, admission) : verified(verifier, request, admission);
    const { origin } = admission;
    return origin === undefined ? answer : answer.then((response) => readableBy(origin, response));
  };

  function turnedAway(request: HttpRequest, admission: Exclude<Admission, Admitted>): HttpResponse {
    if (admission.kind === 'answered') return admission.answer;
    return routesOf(request, undefined).deny(request, { kind: 'access', message: admission.message });
  }

  function carryOut(request: HttpRequest, admitted: Admitted): Promise<HttpResponse> {
    const bucket = bucketOf(admitted);
    return routesOf(request, bucket).answer(request, { ...admitted, bucket });
  }

  async function verified(
    verifier: SignatureVerifier,
    request: HttpRequest,
    admitted: Admitted,
  ): Promise<HttpResponse> {
    try {
      const { request: body, principal } = await verifier.verify(request);
      return await carryOut(body, { ...admitted, principal });
    } catch (error) {
      if (error instanceof SignatureError) return routesOf(request, bucketOf(admitted)).deny(request, error);
      throw error;
    }
  }
}

/**
 * The bucket that the host names. `lambda.localhost`, from a client that signs for Lambda, is not a bucket. Takes the
 * verified principal where there is one: an unverified claim could move a signed path from one bucket to another.
 */
function bucketOf({ bucket, principal }: Admitted): string | undefined {
  return bucket !== undefined && principal.scope?.service.startsWith('s3') === false ? undefined : bucket;
}

function isOwn(request: HttpRequest): boolean {
  return isHealthCheck(request) || request.path.startsWith('/_nagare/');
}

/** A plain GET. A request that is signed or has a query means a bucket of that name. */
function isHealthCheck({ method, path, query, headers }: HttpRequest): boolean {
  return method === 'GET' && path === '/health' && query === '' && headers.authorization === undefined;
}

/** Routes of nagare's own, outside of the AWS APIs. */
function ownRoutes({ health, reserved, openPaths = [] }: DispatcherOptions): Routes {
  return {
    async answer(request, { principal }) {
      if (isHealthCheck(request)) {
        const report = (await health?.()) ?? { status: 'ok' };
        return json(report.status === 'ok' ? 200 : 503, report);
      }
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const isOpen = isRead && openPaths.some((path) => request.path.startsWith(path));
      const message = isOpen ? undefined : refusalOfOwn(request, isRead, principal);
      if (message !== undefined) return denied(message);
      return (await reserved?.(request)) ?? nothingThere();
    },
    deny(_request, denial) {
      const { code, message, status } = denialOfJson(denial);
      return denial.kind === 'access' ? denied(message) : json(status, { code, message });
    },
  };
}

function refusalOfOwn(
  { method, path }: HttpRequest,
  isRead: boolean,
  { isSigned, identity, scope }: Principal,
): string | undefined {
  if (identity.kind === 'unverified')
    return isRead || isSigned ? undefined : `${method} ${path} must be signed.`;
  if (!isSigned) return `${method} ${path} must be signed with the root key.`;
  if (identity.kind !== 'root') return `${method} ${path} is for the root key only; this is ${identity.arn}.`;
  // S3's signatures need not cover the body.
  return scope?.service === 's3' ? `${method} ${path} must not be signed for S3.` : undefined;
}

function denied(message: string): HttpResponse {
  return json(403, { message });
}

function json(status: number, content: object): HttpResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(content) };
}
