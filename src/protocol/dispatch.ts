import type { Admission, Admit, Admitted } from '../auth/admission.ts';
import { type Denial, SignatureError } from '../auth/denial.ts';
import type { RequestGate } from '../auth/gate.ts';
import type { SignatureVerifier } from '../auth/signature/verify.ts';
import { readableBy } from '../auth/origins.ts';
import { discard, type HttpHandler, type HttpRequest, type HttpResponse } from '../http/message.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import type { ChangeObserver } from './changes.ts';
import type { OpenStreams } from './open-streams.ts';
import { observed, type RequestObserver, type Sighting } from './observer.ts';
import { isHealthCheck, isOwn, ownRoutes, type OwnRoutesOptions } from './own-routes.ts';
import { restRoutes } from './rest/rest-routes.ts';
import type { Routes } from './routes.ts';
import { formRoutes, isForm } from './rpc/form-routes.ts';
import { rpcPathRoutes, targetRoutes } from './rpc/rpc-routes.ts';
import type { Service } from './service.ts';
import type { WebPages } from './web-pages.ts';

export interface DispatcherOptions extends OwnRoutesOptions {
  readonly services: readonly Service[];
  readonly admit: Admit;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly observer?: RequestObserver | undefined;
  readonly changes?: ChangeObserver | undefined;
  /** Ends streams whose callers may not have them any more; absent with `--auth off`. */
  readonly streams?: OpenStreams | undefined;
  /** May refuse or delay any request but health checks. */
  readonly gate?: RequestGate | undefined;
  /** Verifies signatures; absent with `--auth off`. */
  readonly verifier?: SignatureVerifier | undefined;
  /** Come before all else, and admit requests themselves. */
  readonly pages?: WebPages | undefined;
}

export type FindRoutes = (request: HttpRequest, bucket: string | undefined) => Routes;

/**
 * Finds the protocol of a request in AWS's order: by target, by Smithy's RPC path, by form, by the REST paths. Requests
 * that nothing claims are S3's, whose bucket names can be anything.
 */
export function createRoutes(options: DispatcherOptions): FindRoutes {
  const byTarget = targetRoutes(options.services, options);
  const byRpcPath = rpcPathRoutes(options.services, options);
  const byForm = formRoutes(options.services, options);
  const byPath = restRoutes(options.services, options);
  const ownPages = ownRoutes(options);

  return (request, bucket) => {
    if (typeof request.headers['x-amz-target'] === 'string') return byTarget;
    if (request.headers['smithy-protocol'] !== undefined) return byRpcPath;
    if (bucket === undefined && isOwn(request)) return ownPages;
    return isForm(request, bucket, options.services) ? byForm : byPath;
  };
}

/**
 * Returns whether the services have the operation that a request is for, by what it claims: who is admitted, and as
 * whom, is the dispatcher's to decide. `body` is needed if the operation is named there.
 */
export function createLookup(
  { admit }: Pick<DispatcherOptions, 'admit'>,
  routesOf: FindRoutes,
): (request: HttpRequest, body?: Buffer) => ReturnType<Routes['has']> {
  return (request, body) => {
    const admitted = admit(request);
    if (admitted.kind !== 'admitted') return false;
    const bucket = bucketOf(admitted);
    return routesOf(request, bucket).has(request, { ...admitted, bucket }, body);
  };
}

/**
 * Admits or refuses a request, then finds its service and operation. Health checks and paths below `/_nagare/` pass the
 * same admission.
 */
export function createDispatcher(
  options: DispatcherOptions,
  routesOf: FindRoutes = createRoutes(options),
): HttpHandler {
  const { admit, gate, verifier, observer, pages } = options;

  function handle(request: HttpRequest, sighting?: Sighting): Promise<HttpResponse> {
    if (pages?.isFor(request) === true) {
      return pages.answer(request, (principal) => sighting?.isFrom(principal));
    }
    const admission = admit(request);
    if (admission.kind !== 'admitted') return Promise.resolve(turnedAway(request, admission));
    sighting?.claims(admission.principal);
    const refusal = isHealthCheck(request) ? undefined : gate?.arrive(request, admission.principal);
    if (refusal !== undefined) return Promise.resolve(deny(request, admission, refusal));
    if (verifier === undefined) sighting?.isFrom(admission.principal);
    const answer =
      verifier === undefined
        ? carryOut(request, admission)
        : verified(verifier, request, admission, sighting);
    const { origin } = admission;
    return origin === undefined ? answer : answer.then((response) => readableBy(origin, response));
  }

  return observer === undefined ? (request) => handle(request) : observed(observer, handle);

  function turnedAway(request: HttpRequest, admission: Exclude<Admission, Admitted>): HttpResponse {
    if (admission.kind === 'answered') return admission.answer;
    const denial: Denial = { kind: 'access', message: admission.message };
    return routesOf(request, undefined).deny(request, denial, undefined);
  }

  function deny(request: HttpRequest, admitted: Admitted, denial: Denial): HttpResponse {
    const bucket = bucketOf(admitted);
    return routesOf(request, bucket).deny(request, denial, bucket);
  }

  function carryOut(request: HttpRequest, admitted: Admitted): Promise<HttpResponse> {
    const refusal = isHealthCheck(request) ? undefined : gate?.identify(request, admitted.principal);
    if (refusal !== undefined) return Promise.resolve(deny(request, admitted, refusal));
    const bucket = bucketOf(admitted);
    const answer = routesOf(request, bucket).answer(request, { ...admitted, bucket });
    if (gate === undefined) return answer;
    return answer.then((response) => {
      const left = gate.leave(request, admitted.principal, response);
      return 'kind' in left ? discard(response).then(() => deny(request, admitted, left)) : left;
    });
  }

  async function verified(
    verifier: SignatureVerifier,
    request: HttpRequest,
    admitted: Admitted,
    sighting: Sighting | undefined,
  ): Promise<HttpResponse> {
    try {
      const { request: body, principal } = await verifier.verify(request);
      sighting?.isFrom(principal);
      return await carryOut(body, { ...admitted, principal });
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error;
      const denied = deny(request, admitted, error);
      const delayMs = gate?.fail(request, error) ?? 0;
      return delayMs === 0 ? denied : { ...denied, delayMs };
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
