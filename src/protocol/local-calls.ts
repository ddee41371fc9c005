import type { Principal } from '../auth/principal.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { RequestBody } from '../http/request-body.ts';
import { Endpoint, type ReadyOperation } from './operation.ts';
import { bodyModel, isStreamed } from './local-model.ts';
import type { PathParameters, Protocol } from './protocol.ts';
import { isRead } from './reads.ts';
import { restXmlProtocol } from './rest/rest-xml.ts';
import { jsonProtocol } from './rpc/json.ts';
import type { ServerInfo } from './server-info.ts';
import { type Service, signingName } from './service.ts';

/** An operation of any service, called with JSON whatever protocols the service has. */
export interface LocalOperation {
  /** `kinesis:PutRecord` */
  readonly name: string;
  readonly isRead: boolean;
  readonly signingName: string;
  /** Decodes, validates, authorizes, calls and encodes as for any other client. `http` is the request that asks for it. */
  call(http: HttpRequest, principal: Principal, input: Buffer): Promise<HttpResponse>;
}

/** GetObject of S3, whose output is a stream. */
export interface LocalDownload {
  readonly signingName: string;
  /** `labels` are those of the operation's path. The answer is that of S3, but errors are JSON as those of other calls. */
  call(
    http: HttpRequest,
    principal: Principal,
    labels: PathParameters,
    headers: HttpRequest['headers'],
  ): Promise<HttpResponse>;
}

/** Calls of operations within the process, on behalf of a principal who was identified otherwise than by a signature. */
export class LocalCalls {
  readonly #endpoints = new Map<string, Endpoint>();
  readonly download: LocalDownload | undefined;

  constructor(services: readonly Service[], server: ServerInfo) {
    for (const service of services) {
      const model = bodyModel(service.model);
      const local = { ...service, model };
      this.#endpoints.set(service.name, new Endpoint(local, jsonProtocol(model, '1.1'), server));
    }
    const storage = services.find(({ model }) => model.metadata.protocols.includes('rest-xml'));
    this.download = storage && downloadOf(storage, server);
  }

  find(serviceName: string, operationName: string): LocalOperation | undefined {
    const endpoint = this.#endpoints.get(serviceName);
    const ready = endpoint?.operation(operationName);
    const model = endpoint?.service.model.operations[operationName];
    if (endpoint === undefined || ready === undefined || model === undefined) return undefined;
    const { service } = endpoint;
    if (isStreamed(service.model, model)) return undefined;
    return {
      name: `${serviceName}:${operationName}`,
      isRead: isRead(model),
      signingName: signingName(service),
      call: (http, principal, input) => answer(ready, http, principal, input),
    };
  }
}

function downloadOf(storage: Service, server: ServerInfo): LocalDownload | undefined {
  const json = jsonProtocol(storage.model, '1.1');
  const protocol: Protocol = {
    ...restXmlProtocol(storage.model),
    encodeError: (error, request, ids) => json.encodeError(error, request, ids),
  };
  const ready = new Endpoint(storage, protocol, server).operation('GetObject');
  return (
    ready && {
      signingName: signingName(storage),
      call: (http, principal, labels, headers) => ready.answer(plainGet(http, headers), labels, principal),
    }
  );
}

/** A request without the query and the headers of the one that asks for it. */
function plainGet(http: HttpRequest, headers: HttpRequest['headers']): HttpRequest {
  const { path, authority, httpVersion, secure, peer, responseMemory, signal } = http;
  return {
    method: 'GET',
    path,
    query: '',
    headers,
    authority,
    httpVersion,
    secure,
    peer,
    responseMemory,
    signal,
    bodyAtHand: () => RequestBody.empty,
    body: () => Promise.resolve(RequestBody.empty),
    stream: () => http.stream(),
  };
}

function answer(ready: ReadyOperation, http: HttpRequest, principal: Principal, input: Buffer) {
  return ready.answer(http, {}, principal, new RequestBody(input));
}
