import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { absentService } from './absent.ts';
import { credentialScope } from './credential-scope.ts';
import { formParameters } from './documents/form.ts';
import { Endpoint, type Surroundings } from './operation.ts';
import { mediaType, nothingThere, rpcPathRoutes, targetRoutes, unknownService } from './rpc/rpc-routes.ts';
import { queryProtocol } from './rpc/query.ts';
import { restJsonProtocol } from './rest/rest-json.ts';
import { restRouter } from './rest/rest-router.ts';
import { restXmlProtocol } from './rest/rest-xml.ts';
import type { Service } from './service.ts';
import { bucketOfHost } from './rest/virtual-host.ts';

export interface DispatcherOptions {
  readonly services: readonly Service[];
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  readonly clock: Clock;
  /** What `GET /health` tells besides that the server answers. */
  readonly health?: () => object;
  /** Answers what is below `/_nagare/`. */
  readonly reserved?: HttpHandler;
}

/**
 * Finds the service and the operation of a request, in the order in which AWS does: by target, by Smithy's RPC path,
 * by form, by the REST paths; what none of them claims is for S3, whose bucket names are anything.
 */
export function createDispatcher(options: DispatcherOptions): HttpHandler {
  const byTarget = targetRoutes(options.services, options);
  const byRpcPath = rpcPathRoutes(options.services, options);
  const byForm = formRoutes(options);
  const byPath = restRoutes(options);
  async function byOther(request: HttpRequest): Promise<HttpResponse> {
    if (request.headers['smithy-protocol'] !== undefined) return byRpcPath(request);
    if (isHealthCheck(request)) return health(options);
    if (request.path.startsWith('/_nagare/')) return options.reserved?.(request) ?? nothingThere();
    if (isForm(request)) return byForm(request);
    return byPath(request);
  }

  return (request) => {
    // Signatures will be checked here: before an operation is looked up, after the request's head is known.
    const target = request.headers['x-amz-target'];
    return typeof target === 'string' ? byTarget(request, target) : byOther(request);
  };
}

/** A plain GET: one that is signed, or asks for something, means a bucket of that name. */
function isHealthCheck({ method, path, query, headers }: HttpRequest): boolean {
  return method === 'GET' && path === '/health' && query === '' && headers.authorization === undefined;
}

function health({ health }: DispatcherOptions): HttpResponse {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ status: 'ok', ...health?.() }),
  };
}

function isForm(request: HttpRequest): boolean {
  if (request.method === 'POST') return mediaType(request) === 'application/x-www-form-urlencoded';
  return request.path === '/' && /(^|&)Action=/.test(request.query);
}

/** A form is read here once to find its operation; the few services that use it take small bodies. */
const FORM_BYTES_MAX = 4 * 1024 * 1024;

function formRoutes(options: DispatcherOptions): (request: HttpRequest) => Promise<HttpResponse> {
  const endpoints = options.services
    .filter(({ model }) => model.metadata.protocols.includes('query'))
    .map((service) => new Endpoint(service, queryProtocol(service.model), options));
  return async (request) => {
    const [fallback] = endpoints;
    if (fallback === undefined) return nothingThere();
    let body: Buffer | undefined;
    try {
      if (request.method === 'POST') body = await request.body(FORM_BYTES_MAX);
    } catch (error) {
      return fallback.refuse('RequestEntityTooLarge', errorMessage(error), 413, request);
    }
    let parameters: URLSearchParams;
    try {
      parameters = formParameters(body?.toString() ?? request.query);
    } catch (error) {
      return fallback.refuse(fallback.words.serialization, errorMessage(error), 400, request);
    }
    const action = parameters.get('Action');
    const version = parameters.get('Version');
    const endpoint = chooseByForm(endpoints, request, action, version);
    if (action === null)
      return (endpoint ?? fallback).refuse('MissingAction', 'no Action was given', 400, request);
    const operation = endpoint?.operation(action);
    if (operation !== undefined) return operation.answer(request, {}, body);
    if (endpoint?.absent.has(action) === true) return endpoint.refuseAbsent(action, request);
    const elsewhere = endpoint === undefined ? credentialScope(request)?.service : undefined;
    if (elsewhere !== undefined)
      return fallback.refuse('InvalidAction', absentService(elsewhere), 400, request);
    const message = `Could not find operation ${action} for version ${version ?? 'none'}`;
    return (endpoint ?? fallback).refuse('InvalidAction', message, 400, request);
  };
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : 'the request body could not be read';
}

function chooseByForm(
  endpoints: readonly Endpoint[],
  request: HttpRequest,
  action: string | null,
  version: string | null,
): Endpoint | undefined {
  const scope = credentialScope(request)?.service;
  const signed = endpoints.find(({ service }) => signingName(service) === scope);
  if (signed !== undefined) return signed;
  const sameVersion = endpoints.filter(({ service }) => service.model.metadata.apiVersion === version);
  return (
    sameVersion.find((endpoint) => action !== null && endpoint.operation(action) !== undefined) ??
    sameVersion[0]
  );
}

function signingName({ model }: Service): string {
  return model.metadata.signingName ?? model.metadata.endpointPrefix;
}

function restRoutes(options: DispatcherOptions): (request: HttpRequest) => Promise<HttpResponse> {
  const json = options.services
    .filter(({ model }) => model.metadata.protocols.includes('rest-json'))
    .map((service) => ({
      endpoint: new Endpoint(service, restJsonProtocol(service.model), options),
      route: restRouter(service.model),
    }));
  const objects = options.services.find(({ model }) => model.metadata.protocols.includes('rest-xml'));
  const answerObjects = objects && objectRoutes(objects, options);
  const signingNames = new Set(options.services.map(signingName));
  return async (request) => {
    const scope = credentialScope(request)?.service;
    const query = new URLSearchParams(request.query);
    for (const { endpoint, route } of json) {
      if (scope !== undefined && scope !== signingName(endpoint.service)) continue;
      const match = route(request.method, request.path, query, request.headers);
      const operation = match && endpoint.operation(match.operation.name);
      if (match && operation) return operation.answer(request, match.parameters);
      const absent = endpoint.absent.at(request.method, request.path, query, request.headers);
      if (absent !== undefined) return endpoint.refuseAbsent(absent, request);
      if (scope === undefined) continue;
      const message = `${endpoint.service.model.metadata.serviceId} has no ${request.method} ${request.path}`;
      return endpoint.refuse('UnknownOperationException', message, 404, request);
    }
    if (request.path === '/' && request.method === 'POST') return unknownService();
    // S3 signs by several names (s3express, ...), and is asked by clients that do not sign at all.
    if (scope !== undefined && !scope.startsWith('s3') && !signingNames.has(scope)) return elsewhere(scope);
    return answerObjects?.(request, query) ?? nothingThere();
  };
}

/** A REST service that is not there at all; most of them speak JSON. */
function elsewhere(scope: string): HttpResponse {
  return {
    status: 404,
    headers: { 'Content-Type': 'application/json', 'x-amzn-ErrorType': 'UnknownOperationException' },
    body: JSON.stringify({ message: absentService(scope) }),
  };
}

function objectRoutes(
  service: Service,
  surroundings: Surroundings,
): (request: HttpRequest, query: URLSearchParams) => Promise<HttpResponse> {
  const endpoint = new Endpoint(service, restXmlProtocol(service.model), surroundings);
  const route = restRouter(service.model);
  return async (request, query) => {
    const bucket = bucketOfHost(request.authority);
    const path = bucket === undefined ? request.path : `/${bucket}${request.path}`;
    const match = route(request.method, path, query, request.headers);
    const operation = match && endpoint.operation(match.operation.name);
    const unknown = match && unknownSubresource(service, match.operation.name, query);
    const absent =
      match === undefined || unknown !== undefined
        ? endpoint.absent.at(request.method, path, query, request.headers)
        : undefined;
    if (absent !== undefined) return endpoint.refuseAbsent(absent, request);
    if (unknown !== undefined) {
      return endpoint.refuse(
        'NotImplemented',
        `nagare does not support ?${unknown} on ${request.method}`,
        501,
        request,
      );
    }
    if (match && operation) return operation.answer(request, match.parameters);
    const message = 'The specified method is not allowed against this resource.';
    return endpoint.refuse('MethodNotAllowed', message, 405, request);
  };
}

/**
 * `?acl`, `?policy` and their like make another operation of a request: taken for the plain one it would do
 * something else than was asked. They come without a value, which no parameter of an operation does.
 */
function unknownSubresource(
  service: Service,
  operationName: string,
  query: URLSearchParams,
): string | undefined {
  const operation = service.model.operations[operationName];
  const members = service.model.shapes[operation?.input?.shape ?? '']?.members ?? {};
  const known = new Set(Object.entries(members).map(([name, { locationName }]) => locationName ?? name));
  for (const [name] of new URLSearchParams(operation?.http.requestUri.split('?')[1] ?? '')) known.add(name);
  for (const [name, value] of query) {
    if (value === '' && !known.has(name)) return name;
  }
  return undefined;
}
