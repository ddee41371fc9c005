import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { unsupportedService } from '../unsupported.ts';
import { CborWriter } from '../documents/cbor-writer.ts';
import { denialOfJson } from '../denials.ts';
import { cborProtocol, rpcV2CborProtocol } from './cbor-protocols.ts';
import { jsonProtocol, parseJson } from './json.ts';
import { Endpoint } from '../operation.ts';
import type { ServerInfo } from '../server-info.ts';
import { nextRequestIds } from '../request-ids.ts';
import type { Routes } from '../routes.ts';
import type { Service } from '../service.ts';

const JSON_1_0 = 'application/x-amz-json-1.0';
const JSON_1_1 = 'application/x-amz-json-1.1';
const CBOR_1_1 = 'application/x-amz-cbor-1.1';

/**
 * `X-Amz-Target: <prefix>.<operation>`; the content type determines the protocol. Checks are in AWS's order: the
 * method, the content type, whether the body can be parsed, the target.
 */
export function targetRoutes(services: readonly Service[], server: ServerInfo): Routes {
  const endpoints = new Map<string, ReadonlyMap<string, Endpoint>>();
  for (const service of services) {
    const { protocols, targetPrefix } = service.model.metadata;
    if (targetPrefix === undefined || !protocols.includes('json')) continue;
    endpoints.set(
      targetPrefix,
      new Map([
        [JSON_1_0, new Endpoint(service, jsonProtocol(service.model, '1.0', service), server)],
        [JSON_1_1, new Endpoint(service, jsonProtocol(service.model, '1.1', service), server)],
        [CBOR_1_1, new Endpoint(service, cborProtocol(service.model), server)],
      ]),
    );
  }
  return {
    answer(request, { principal }) {
      if (request.method !== 'POST') return Promise.resolve(unknownService());
      const contentType = mediaType(request);
      const { prefix, name } = targetOf(request);
      const ofService = endpoints.get(prefix);
      const endpoint = ofService?.get(contentType);
      const operation = endpoint?.operation(name);
      if (operation !== undefined) return operation.answer(request, {}, principal);
      if (endpoint?.unsupported.has(name) === true)
        return Promise.resolve(endpoint.refuseUnsupported(name, request));
      // As on AWS, an operation that no service has is answered without a message.
      const isElsewhere = ofService === undefined && prefix !== '';
      const message = isElsewhere ? unsupportedService(prefix) : undefined;
      const readsBody = principal.identity.kind !== 'anonymous';
      return unknownTarget(request, { contentType, message, readsBody });
    },
    deny(request, denial) {
      const { prefix, name } = targetOf(request);
      const endpoint = endpoints.get(prefix)?.get(mediaType(request));
      if (endpoint !== undefined) return endpoint.deny(request, denial, endpoint.nameOf(name));
      const { code, message, status } = denialOfJson(denial);
      return denied(JSON_1_1, jsonError(code, message), status);
    },
    has(request) {
      const { prefix, name } = targetOf(request);
      return request.method === 'POST' && endpoints.get(prefix)?.get(mediaType(request))?.has(name) === true;
    },
  };
}

/** Smithy's RPC v2: `/service/<target prefix>/operation/<operation>`. */
export function rpcPathRoutes(services: readonly Service[], server: ServerInfo): Routes {
  const endpoints = new Map<string, Endpoint>();
  for (const service of services) {
    const { protocols, targetPrefix } = service.model.metadata;
    if (targetPrefix === undefined || !protocols.includes('smithy-rpc-v2-cbor')) continue;
    endpoints.set(targetPrefix, new Endpoint(service, rpcV2CborProtocol(service.model), server));
  }
  return {
    async answer(request, { principal }) {
      const { prefix, name } = rpcPathOf(request);
      const endpoint = endpoints.get(prefix);
      if (prefix === '' || request.headers['smithy-protocol'] !== 'rpc-v2-cbor') return nothingThere();
      if (endpoint === undefined) return unknownPrefix(unsupportedService(prefix));
      if (request.method !== 'POST') return endpoint.refuse('MethodNotAllowedException', '', 405, request);
      const operation = endpoint.operation(name);
      if (operation !== undefined) return operation.answer(request, {}, principal);
      if (endpoint.unsupported.has(name)) return endpoint.refuseUnsupported(name, request);
      return endpoint.refuse('UnknownOperationException', '', 404, request);
    },
    deny(request, denial) {
      const { prefix, name } = rpcPathOf(request);
      const endpoint = endpoints.get(prefix);
      if (endpoint !== undefined) return endpoint.deny(request, denial, endpoint.nameOf(name));
      const { code, message, status } = denialOfJson(denial);
      return denied('application/cbor', cborError(code, message), status);
    },
    has(request) {
      const { prefix, name } = rpcPathOf(request);
      return request.method === 'POST' && endpoints.get(prefix)?.has(name) === true;
    },
  };
}

/** For a target without a dot, the whole is the name and the prefix is empty. */
function targetOf({ headers }: HttpRequest): { prefix: string; name: string } {
  const target = String(headers['x-amz-target']);
  const dot = target.indexOf('.');
  return { prefix: target.slice(0, Math.max(dot, 0)), name: target.slice(dot + 1) };
}

function rpcPathOf({ path }: HttpRequest): { prefix: string; name: string } {
  const [, prefix = '', name = ''] = /\/service\/([^/]+)\/operation\/([^/]+)\/?$/.exec(path) ?? [];
  return { prefix, name };
}

const UNKNOWN_OPERATION = 'UnknownOperationException';

function denied(contentType: string, body: string | Uint8Array, status: number): HttpResponse {
  const { requestId } = nextRequestIds();
  return { status, headers: { 'x-amzn-RequestId': requestId, 'Content-Type': contentType }, body };
}

function jsonError(code: string, message: string | undefined): string {
  return JSON.stringify({ __type: code, ...(message !== undefined && { message }) });
}

/**
 * Bodies with unknown targets are read only to report, as AWS does, whether they could be parsed. Those of nobody are
 * not: anyone could fill the memory for bodies with them.
 */
const UNKNOWN_BODY_BYTES_MAX = 1024 * 1024;

interface UnknownTarget {
  readonly contentType: string;
  /** Names the missing service, if that is the reason. */
  readonly message: string | undefined;
  readonly readsBody: boolean;
}

async function unknownTarget(
  request: HttpRequest,
  { contentType, message, readsBody }: UnknownTarget,
): Promise<HttpResponse> {
  const { requestId, extendedId } = nextRequestIds();
  const headers = { 'x-amzn-RequestId': requestId, 'x-amz-id-2': extendedId };
  if (contentType !== JSON_1_0 && contentType !== JSON_1_1 && contentType !== CBOR_1_1) {
    return { status: 404, headers, body: '<UnknownOperationException/>\n' };
  }
  if (contentType === CBOR_1_1) {
    const body = cborError(UNKNOWN_OPERATION, message);
    return { status: 400, headers: { ...headers, 'Content-Type': contentType }, body };
  }
  let code = UNKNOWN_OPERATION;
  try {
    if (readsBody) {
      const body = await request.body(UNKNOWN_BODY_BYTES_MAX);
      if (body.bytes.length > 0) parseJson(body.bytes);
      body.release();
    }
  } catch {
    code = 'SerializationException';
  }
  const body = jsonError(code, code === UNKNOWN_OPERATION ? message : undefined);
  return { status: 400, headers: { ...headers, 'Content-Type': contentType }, body };
}

function unknownPrefix(message: string): HttpResponse {
  const { requestId } = nextRequestIds();
  const headers = {
    'x-amzn-RequestId': requestId,
    'smithy-protocol': 'rpc-v2-cbor',
    'Content-Type': 'application/cbor',
  };
  return { status: 404, headers, body: cborError(UNKNOWN_OPERATION, message) };
}

function cborError(code: string, message: string | undefined): Buffer {
  const writer = new CborWriter();
  writer.map(message === undefined ? 1 : 2);
  writer.text('__type');
  writer.text(code);
  if (message !== undefined) {
    writer.text('message');
    writer.text(message);
  }
  return writer.finish();
}

export function unknownService(): HttpResponse {
  const { requestId, extendedId } = nextRequestIds();
  const message = 'Unable to determine service/operation name to be authorized';
  return {
    status: 403,
    headers: { 'x-amzn-RequestId': requestId, 'x-amz-id-2': extendedId },
    body: `<AccessDeniedException>\n  <Message>${message}</Message>\n</AccessDeniedException>\n`,
  };
}

export function nothingThere(): HttpResponse {
  return { status: 404, headers: {} };
}

export function mediaType(request: HttpRequest): string {
  const type = request.headers['content-type'];
  if (type === undefined) return '';
  const end = type.indexOf(';');
  return (end === -1 ? type : type.slice(0, end)).trim().toLowerCase();
}
