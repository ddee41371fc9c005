import type { Principal } from '../../auth/principal.ts';
import { RequestBody } from '../../http/request-body.ts';
import { BodyTooLargeError, type HttpRequest, type HttpResponse } from '../../http/message.ts';
import { protocolLimits } from '../limits.ts';
import { unsupportedService } from '../unsupported.ts';
import { formParameters } from '../documents/form.ts';
import { Endpoint } from '../operation.ts';
import type { ServerInfo } from '../server-info.ts';
import type { Routes } from '../routes.ts';
import { signingName, type Service } from '../service.ts';
import { queryProtocol } from './query.ts';
import { mediaType, nothingThere } from './rpc-routes.ts';

const FORM = 'application/x-www-form-urlencoded';

/**
 * Returns whether a request uses the query protocol: it has a form, or an `Action` in the query string of a GET or of
 * a POST without a form. On a host that names a bucket it is S3's.
 */
export function isForm(
  request: HttpRequest,
  bucket: string | undefined,
  services: readonly Service[],
): boolean {
  if (bucket !== undefined) return false;
  if (request.path !== '/' && !services.some((service) => takesFormsAt(service, request.path))) return false;
  const type = request.method === 'POST' ? mediaType(request) : '';
  return type === FORM || (type === '' && /(?:^|&)Action=/.test(request.query));
}

function takesFormsAt({ formPaths }: Service, path: string): boolean {
  return formPaths?.test(path) === true;
}

/** The form is read here to find the operation. The few services that use the protocol have small bodies. */
const FORM_BYTES_MAX = 4 * 1024 * 1024;

/** The query protocol: `Action` names the operation; the signature or `Version` determines the service. */
export function formRoutes(services: readonly Service[], server: ServerInfo): Routes {
  const endpoints = services
    .filter(({ model }) => model.metadata.protocols.includes('query'))
    .map((service) => new Endpoint(service, queryProtocol(service.model), server));
  const [fallback] = endpoints;
  if (fallback === undefined) {
    return {
      answer: () => Promise.resolve(nothingThere()),
      deny: () => ({ status: 403, headers: {} }),
      has: () => false,
    };
  }
  return {
    async answer(request, { principal }) {
      let body = RequestBody.empty;
      const isAnonymous = principal.identity.kind === 'anonymous';
      try {
        const bytesMax = isAnonymous ? protocolLimits.anonymousFormBytesMax : FORM_BYTES_MAX;
        if (request.method === 'POST') body = await request.body(bytesMax);
      } catch (error) {
        if (isAnonymous && error instanceof BodyTooLargeError) return unsignedForm(fallback, request);
        return fallback.refuse('RequestEntityTooLarge', errorMessage(error), 413, request);
      }
      const form = formOf(request, body);
      let parameters: URLSearchParams;
      try {
        parameters = formParameters(form.bytes.toString());
      } catch (error) {
        return fallback.refuse(fallback.errorCodes.serialization, errorMessage(error), 400, request);
      }
      return call({ endpoints, fallback, request, principal, form, parameters });
    },
    deny(request, denial) {
      const parameters = new URLSearchParams(request.query);
      const [action, version] = [parameters.get('Action'), parameters.get('Version')];
      const endpoint = choose(endpoints, { scope: undefined, action, version }) ?? fallback;
      return endpoint.deny(request, denial, endpoint.nameOf(action ?? ''));
    },
    has(request, { principal }, body) {
      const scope = principal.scope?.service;
      if (scope !== undefined && !endpoints.some(({ service }) => signingName(service) === scope))
        return false;
      if (request.method === 'POST' && body === undefined) return 'named-in-body';
      const action = plainField('Action', request, body);
      if (action === undefined) return false;
      const version = plainField('Version', request, body) ?? null;
      return findEndpoint(endpoints, request, { scope, action, version })?.has(action) === true;
    },
  };
}

function unsignedForm(fallback: Endpoint, request: HttpRequest): HttpResponse {
  const message = 'Missing Authentication Token: a form of this size must be signed.';
  return fallback.refuse(fallback.errorCodes.notSigned, message, 403, request);
}

/** The parameters of body and query string: a POST may have its `Action` in either, or in both. */
function formOf({ query }: HttpRequest, body: RequestBody): RequestBody {
  const { bytes } = body;
  if (bytes.length > 0 && (query === '' || /(?:^|&)Action=/.test(bytes.toString()))) return body;
  const form = bytes.length === 0 ? Buffer.from(query) : Buffer.concat([Buffer.from(`${query}&`), bytes]);
  body.release();
  return new RequestBody(form);
}

/** Found without parsing the form, which may be large. No client encodes these names, or what they contain. */
function plainField(
  name: 'Action' | 'Version',
  { query }: HttpRequest,
  body: Buffer = Buffer.alloc(0),
): string | undefined {
  const field = new RegExp(`(?:^|&)${name}=([^&]*)`);
  return (field.exec(body.toString('latin1')) ?? field.exec(query))?.[1];
}

interface FormCall {
  readonly endpoints: readonly Endpoint[];
  readonly fallback: Endpoint;
  readonly request: HttpRequest;
  readonly principal: Principal;
  readonly form: RequestBody;
  readonly parameters: URLSearchParams;
}

function call(found: FormCall): Promise<HttpResponse> | HttpResponse {
  const { endpoints, fallback, request, principal, form, parameters } = found;
  const [action, version] = [parameters.get('Action'), parameters.get('Version')];
  const scope = principal.scope?.service;
  const endpoint = findEndpoint(endpoints, request, { scope, action, version });
  const target = endpoint ?? fallback;
  if (action === null) return target.refuse('MissingAction', 'the request has no Action', 400, request);
  const operation = endpoint?.operation(action);
  if (operation !== undefined) return operation.answer(request, {}, principal, form);
  if (endpoint?.unsupported.has(action) === true) return endpoint.refuseUnsupported(action, request);
  if (endpoint === undefined && scope !== undefined) {
    return fallback.refuse('InvalidAction', unsupportedService(scope), 400, request);
  }
  const message = `Could not find operation ${action} for version ${version ?? 'none'}`;
  return target.refuse('InvalidAction', message, 400, request);
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : 'the request body could not be read';
}

/** What determines the service of a form. */
interface FormNames {
  readonly scope: string | undefined;
  readonly action: string | null;
  readonly version: string | null;
}

function findEndpoint(
  endpoints: readonly Endpoint[],
  { path }: HttpRequest,
  names: FormNames,
): Endpoint | undefined {
  return choose(endpoints, names) ?? endpoints.find(({ service }) => takesFormsAt(service, path));
}

function choose(endpoints: readonly Endpoint[], { scope, action, version }: FormNames): Endpoint | undefined {
  const bySignature = endpoints.find(({ service }) => signingName(service) === scope);
  if (bySignature !== undefined) return bySignature;
  const sameVersion = endpoints.filter(({ service }) => service.model.metadata.apiVersion === version);
  return (
    sameVersion.find((endpoint) => action !== null && endpoint.operation(action) !== undefined) ??
    sameVersion[0]
  );
}
