import type { Admitted } from '../../auth/admission.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { unsupportedService } from '../unsupported.ts';
import { Endpoint } from '../operation.ts';
import type { ServerInfo } from '../server-info.ts';
import type { Routes } from '../routes.ts';
import { mediaType, nothingThere, unknownService } from '../rpc/rpc-routes.ts';
import { signingName, type Service } from '../service.ts';
import { restJsonProtocol } from './rest-json.ts';
import { restRouter } from './rest-router.ts';
import { restXmlProtocol } from './rest-xml.ts';

/** Routes of the protocols in which method and path identify the operation. What no service claims is S3's. */
export function restRoutes(services: readonly Service[], server: ServerInfo): Routes {
  const documents = services
    .filter(({ model }) => model.metadata.protocols.includes('rest-json'))
    .map((service) => jsonRoutes(service, server));
  const objectStorage = services.find(({ model }) => model.metadata.protocols.includes('rest-xml'));
  const objects = objectStorage && objectRoutes(objectStorage, server);
  const signingNames = new Set(services.map(signingName));
  return {
    async answer(request, admitted) {
      const scope = admitted.principal.scope?.service;
      if (admitted.bucket === undefined) {
        for (const { name, routes } of documents) {
          if (scope !== undefined && scope !== name) continue;
          const answer = routes.answer(request, admitted, scope !== undefined);
          if (answer !== undefined) return answer;
        }
        if (request.path === '/' && request.method === 'POST') return unknownService();
      }
      // S3 has several signing names (s3express, ...), and clients may call it without a signature.
      if (scope !== undefined && !scope.startsWith('s3') && !signingNames.has(scope)) return elsewhere(scope);
      return objects?.answer(request, admitted) ?? nothingThere();
    },
    deny(request, denial, bucket) {
      const routes = documents.find((service) => service.routes.claims(request))?.routes ?? objects;
      return routes?.deny(request, denial, bucket) ?? { status: 403, headers: {} };
    },
    has(request, admitted) {
      const scope = admitted.principal.scope?.service;
      const possible = documents.filter(({ name }) => scope === undefined || scope === name);
      if (admitted.bucket === undefined && possible.some(({ routes }) => routes.has(request))) return true;
      if (scope !== undefined && !scope.startsWith('s3')) return false;
      return objects?.has(request, admitted) ?? false;
    },
  };
}

/** Answers for a REST service that nagare does not have; most of them use JSON. */
function elsewhere(scope: string): HttpResponse {
  return {
    status: 404,
    headers: { 'Content-Type': 'application/json', 'x-amzn-ErrorType': 'UnknownOperationException' },
    body: JSON.stringify({ message: unsupportedService(scope) }),
  };
}

/** Body types that a web page can send without a preflight, and that no client of a JSON service sends. */
const FORM_TYPES = new Set(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']);

interface JsonRoutes extends Pick<Routes, 'deny'> {
  /** Returns undefined if the request is for another service. `isNamed`: its signature names this service. */
  answer(request: HttpRequest, admitted: Admitted, isNamed: boolean): Promise<HttpResponse> | undefined;
  claims(request: HttpRequest): boolean;
  has(request: HttpRequest): boolean;
}

function jsonRoutes(service: Service, server: ServerInfo): { name: string; routes: JsonRoutes } {
  const endpoint = new Endpoint(service, restJsonProtocol(service.model), server);
  const route = restRouter(service.model);
  const find = ({ method, path, query, headers }: HttpRequest) => {
    const parameters = new URLSearchParams(query);
    const match = route(method, path, parameters, headers);
    return {
      match,
      unsupported: match ? undefined : endpoint.unsupported.at(method, path, parameters, headers),
    };
  };
  const routes: JsonRoutes = {
    answer(request, { principal }, isNamed) {
      const { match, unsupported } = find(request);
      if (unsupported !== undefined) return Promise.resolve(endpoint.refuseUnsupported(unsupported, request));
      const operation = match && endpoint.operation(match.operation.name);
      if (match !== undefined && operation !== undefined) {
        const type = request.method === 'GET' ? '' : mediaType(request);
        if (FORM_TYPES.has(type)) {
          return Promise.resolve(wrongType(endpoint, request, type, match.operation.name));
        }
        return operation.answer(request, match.parameters, principal);
      }
      if (!isNamed) return undefined;
      const message = `${service.model.metadata.serviceId} has no ${request.method} ${request.path}`;
      return Promise.resolve(endpoint.refuse('UnknownOperationException', message, 404, request));
    },
    claims(request) {
      const { match, unsupported } = find(request);
      return match !== undefined || unsupported !== undefined;
    },
    deny(request, denial) {
      const { match, unsupported } = find(request);
      return endpoint.deny(request, denial, match?.operation.name ?? unsupported);
    },
    has(request) {
      const { match } = find(request);
      return match !== undefined && endpoint.has(match.operation.name);
    },
  };
  return { name: signingName(service), routes };
}

function wrongType(endpoint: Endpoint, request: HttpRequest, type: string, operation: string): HttpResponse {
  const message = `The content type of the request body is not JSON, but ${type}.`;
  return endpoint.refuse('UnsupportedMediaTypeException', message, 415, request, operation);
}

function objectRoutes(service: Service, server: ServerInfo): Routes {
  const endpoint = new Endpoint(service, restXmlProtocol(service.model), server);
  const route = restRouter(service.model);

  function find(request: HttpRequest, bucket: string | undefined) {
    const query = new URLSearchParams(request.query);
    // A target without a slash at its beginning (`*`, an authority) must not continue the bucket's name.
    const isAbsolute = request.path.startsWith('/');
    const path = bucket !== undefined && isAbsolute ? `/${bucket}${request.path}` : request.path;
    return { query, path, match: route(request.method, path, query, request.headers) };
  }

  function answer(
    request: HttpRequest,
    { bucket, principal }: Admitted,
  ): Promise<HttpResponse> | HttpResponse {
    const { query, path, match } = find(request, bucket);
    const operation = match && endpoint.operation(match.operation.name);
    const unknown = match && unknownSubresource(service, match.operation.name, query);
    const unsupported =
      match === undefined || unknown !== undefined
        ? endpoint.unsupported.at(request.method, path, query, request.headers)
        : endpoint.unsupported.byWholePath(request.method, path);
    if (unsupported !== undefined) return endpoint.refuseUnsupported(unsupported, request);
    if (unknown !== undefined) {
      const message = `nagare does not support ?${unknown} on ${request.method}`;
      return endpoint.refuse('NotImplemented', message, 501, request);
    }
    if (match && operation) return operation.answer(request, match.parameters, principal);
    const message = 'The specified method is not allowed against this resource.';
    return endpoint.refuse('MethodNotAllowed', message, 405, request);
  }

  return {
    async answer(request, admitted) {
      const response = await answer(request, admitted);
      return request.method === 'GET' ? asSandboxed(response) : response;
    },
    deny(request, denial, bucket) {
      return endpoint.deny(request, denial, find(request, bucket).match?.operation.name);
    },
    has(request, { bucket }) {
      const { match } = find(request, bucket);
      return match !== undefined && endpoint.has(match.operation.name);
    },
  };
}

/**
 * Objects are served on the origin of the API. An object that a browser opens as a document gets an opaque origin
 * instead, and runs no scripts.
 */
function asSandboxed(response: HttpResponse): HttpResponse {
  return { ...response, headers: { ...response.headers, 'Content-Security-Policy': 'sandbox' } };
}

/**
 * `?acl`, `?policy` and similar parameters select another operation: ignoring them would run the wrong one. They have
 * no value, unlike every parameter of an operation.
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
