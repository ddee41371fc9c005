import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Denial } from '../auth/denial.ts';
import type { Principal } from '../auth/principal.ts';
import { DamagedDataError, isNoSpace, isOutOfHandles, ServiceError } from '../errors.ts';
import {
  BodyTooLargeError,
  ClientGoneError,
  MemoryBudgetError,
  type HttpRequest,
  type HttpResponse,
} from '../http/message.ts';
import { RequestBody } from '../http/request-body.ts';
import { httpLimits } from '../http/limits.ts';
import type { Log } from '../support/log.ts';
import { denialError } from './denials.ts';
import { isRead } from './reads.ts';
import { releaseBuffer } from '../support/buffer-pool.ts';
import { unsupportedOperations, type UnsupportedOperations } from './unsupported.ts';
import type { OperationModel } from './model.ts';
import type { ErrorCodes, OperationCodec, PathParameters, Protocol } from './protocol.ts';
import { nextRequestIds, type RequestIds } from './request-ids.ts';
import { hasStreamingInput } from './rest/rest.ts';
import { SerializationError } from './serialization-error.ts';
import { type CallContext, type Service, signingName } from './service.ts';
import type { ParsedInput } from './fast-parser.ts';
import { compileValidator } from './validation.ts';

/** What all calls share. */
export interface ServerInfo {
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
}

const unzip = promisify(gunzip);

/** A service behind one of its protocols. Its operations are compiled when they are first called. */
export class Endpoint {
  readonly service: Service;
  readonly protocol: Protocol;
  readonly #server: ServerInfo;
  readonly #operations = new Map<string, ReadyOperation>();
  #unsupported: UnsupportedOperations | undefined;

  constructor(service: Service, protocol: Protocol, server: ServerInfo) {
    this.service = service;
    this.protocol = protocol;
    this.#server = server;
  }

  /** Created when an unknown operation is first called. */
  get unsupported(): UnsupportedOperations {
    this.#unsupported ??= unsupportedOperations(this.service);
    return this.#unsupported;
  }

  get errorCodes(): ErrorCodes {
    return { ...this.protocol.errorCodes, ...this.service.errorCodes };
  }

  operation(name: string): ReadyOperation | undefined {
    const ready = this.#operations.get(name);
    if (ready !== undefined) return ready;
    const { operations } = this.service.model;
    const model = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (model === undefined) return undefined;
    const made = new ReadyOperation(this, model, this.#server);
    this.#operations.set(name, made);
    return made;
  }

  /** Answers, in this protocol, errors that occur before the operation is known. */
  refuse(
    code: string,
    message: string,
    status: number,
    request: HttpRequest,
    ids = nextRequestIds(),
  ): HttpResponse {
    return this.protocol.encodeError(new ServiceError(code, message, status), request, ids);
  }

  /** Answers, in this protocol, that the request is not admitted. */
  deny(request: HttpRequest, denial: Denial): HttpResponse {
    return this.protocol.encodeError(denialError(denial, this.errorCodes), request, nextRequestIds());
  }

  /** Refuses an AWS operation that nagare does not have, by name. */
  refuseUnsupported(name: string, request: HttpRequest): HttpResponse {
    const { unsupported, unsupportedStatus } = this.errorCodes;
    return this.refuse(unsupported, `nagare does not support ${name}`, unsupportedStatus, request);
  }
}

/** One operation with its codec and its checks compiled. */
export class ReadyOperation {
  readonly #endpoint: Endpoint;
  readonly #model: OperationModel;
  readonly #server: ServerInfo;
  readonly #codec: OperationCodec;
  readonly #violations: (input: object) => string | undefined;
  readonly #streaming: boolean;
  /** With `--auth off`: reads are open, and what AWS lets anyone call. */
  readonly #needsSignature: boolean;
  readonly #isOpenToAll: boolean;
  readonly #signingName: string;

  constructor(endpoint: Endpoint, model: OperationModel, server: ServerInfo) {
    this.#endpoint = endpoint;
    this.#model = model;
    this.#server = server;
    this.#codec = endpoint.protocol.codec(model);
    const service = endpoint.service.model;
    this.#violations =
      model.input === undefined ? () => undefined : compileValidator(service, model.input.shape);
    this.#streaming = hasStreamingInput(service, model);
    this.#isOpenToAll = endpoint.service.unsigned?.includes(model.name) === true;
    this.#needsSignature = !isRead(model) && !this.#isOpenToAll;
    this.#signingName = signingName(endpoint.service);
  }

  /** Decodes, validates, calls and encodes. Never rejects. `given` is the body, if it was read already. */
  async answer(
    request: HttpRequest,
    parameters: PathParameters,
    principal: Principal,
    given?: RequestBody,
  ): Promise<HttpResponse> {
    const denial = this.#denial(principal);
    if (denial !== undefined) {
      if (denial !== 'unsigned') return this.#endpoint.deny(request, denial);
      return this.#refuseUnsigned(request, principal);
    }
    const ids = nextRequestIds();
    try {
      let body = RequestBody.empty;
      if (!this.#streaming) {
        const limit = this.#endpoint.service.bodyLimitBytes;
        body = given ?? request.bodyAtHand(limit) ?? (await request.body(limit));
        if (request.headers['content-encoding'] !== undefined) body = await this.#unpack(request, body);
      }
      const offloaded = this.#codec.offload?.(body);
      const parsed = offloaded === undefined ? this.#codec.fastPath?.(body.bytes) : await offloaded;
      if (parsed !== undefined) body.release();
      const { input, memory } = parsed ?? this.#decode(request, body, parameters);
      const handler = this.#handler();
      const output = await handler(input as never, new Call(request, ids, principal, this.#server));
      const encoded = this.#codec.encode(output, request, ids, (error) => this.#explain(error, request, ids));
      const answer = encoded instanceof Promise ? await encoded : encoded;
      admit(answer, request);
      if (memory !== undefined) releaseBuffer(memory);
      return answer;
    } catch (error) {
      return this.#endpoint.protocol.encodeError(this.#explain(error, request, ids), request, ids);
    }
  }

  /** Why the principal may not call this operation. */
  #denial({ isSigned, identity, scope }: Principal): Denial | 'unsigned' | undefined {
    if (identity.kind === 'unverified') return this.#needsSignature && !isSigned ? 'unsigned' : undefined;
    if (identity.kind === 'anonymous') return this.#isOpenToAll ? undefined : 'unsigned';
    // The rules for paths and bodies depend on the service that a request is signed for.
    if (scope?.service === this.#signingName) return undefined;
    const message = `Credential should be scoped to correct service: '${this.#signingName}'.`;
    return { kind: 'wrong-scope', message };
  }

  #refuseUnsigned(request: HttpRequest, { identity }: Principal): HttpResponse {
    const how = identity.kind === 'unverified' ? 'signed, with any access key' : 'signed';
    const message = `Missing Authentication Token: ${this.#model.name} must be ${how}.`;
    return this.#endpoint.refuse(this.#errorCodes.notSigned, message, 403, request);
  }

  get #errorCodes(): ErrorCodes {
    return this.#endpoint.errorCodes;
  }

  /** As on AWS, errors of the body come before those of the operation. Releases the body unless the input refers to it. */
  #decode(request: HttpRequest, body: RequestBody, parameters: PathParameters): ParsedInput {
    const { viewsBody } = this.#codec;
    try {
      if (!this.#streaming) this.#endpoint.service.checkBody?.(request, body.bytes);
      const input = this.#codec.decode(request, body.bytes, parameters);
      this.#handler();
      const violations = this.#violations(input);
      if (violations !== undefined) throw new ServiceError(this.#errorCodes.validation, violations);
      if (viewsBody === false) body.release();
      return { input, memory: viewsBody === true ? body.bytes : undefined };
    } catch (error) {
      if (viewsBody !== undefined) body.release();
      throw error;
    }
  }

  #handler(): (input: never, call: CallContext) => unknown {
    const { service } = this.#endpoint;
    const handler = service.operation(this.#model.name);
    if (typeof handler === 'function') return handler;
    const why = handler === undefined ? 'it is not implemented' : handler.unsupported;
    const { unsupported, unsupportedStatus } = this.#errorCodes;
    throw new ServiceError(
      unsupported,
      `nagare does not support ${this.#model.name}: ${why}`,
      unsupportedStatus,
    );
  }

  async #unpack(request: HttpRequest, body: RequestBody): Promise<RequestBody> {
    const encoding = request.headers['content-encoding'];
    if (encoding === 'identity' || !this.#endpoint.protocol.rpc) return body;
    if (encoding !== 'gzip' || this.#model.requestcompression?.encodings.includes('gzip') !== true) {
      throw new SerializationError(
        `${this.#model.name} does not accept request bodies with Content-Encoding: ${encoding ?? ''}`,
      );
    }
    try {
      const maxOutputLength = this.#endpoint.service.bodyLimitBytes;
      const unpacked = new RequestBody(await unzip(body.bytes, { maxOutputLength }));
      body.release();
      return unpacked;
    } catch {
      throw new SerializationError('the request body is not valid gzip, or too large when decompressed');
    }
  }

  /** Converts anything that was thrown to the error that the caller gets. */
  #explain(error: unknown, request: HttpRequest, ids: RequestIds): ServiceError {
    if (error instanceof ServiceError) return error;
    const errorCodes = this.#errorCodes;
    if (error instanceof SerializationError) {
      return new ServiceError(
        errorCodes.serialization,
        error.malformed ? errorCodes.malformedMessage : error.message,
      );
    }
    if (error instanceof BodyTooLargeError) return new ServiceError(errorCodes.tooLarge, error.message, 413);
    if (error instanceof MemoryBudgetError) return new ServiceError('ServiceUnavailable', error.message, 503);
    if (error instanceof ClientGoneError) return new ServiceError(errorCodes.serialization, error.message);
    if (error instanceof DamagedDataError) return new ServiceError(errorCodes.internal, error.message, 500);
    if (isOutOfHandles(error)) {
      this.#server.log.warn(
        { err: error, requestId: ids.requestId, operation: this.#model.name },
        'a request was refused: too many files and sockets are open',
      );
      return new ServiceError('ServiceUnavailable', 'Too many files and sockets are open. Try again.', 503);
    }
    if (isNoSpace(error)) {
      return new ServiceError(
        errorCodes.internal,
        'The request could not be stored: no space left on device.',
        500,
      );
    }
    this.#server.log.error(
      { err: error, requestId: ids.requestId, operation: this.#model.name, path: request.path },
      'a request failed with an internal error',
    );
    return new ServiceError(
      errorCodes.internal,
      'The request processing has failed because of an internal error.',
      500,
    );
  }
}

/** Throws MemoryBudgetError when too many responses already wait for slow clients. */
function admit({ body }: HttpResponse, request: HttpRequest): void {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return;
  if (body.length <= httpLimits.responseBytesSmall) return;
  if (!request.responseMemory.admit(body.length)) throw new MemoryBudgetError();
}

class Call implements CallContext {
  readonly http: HttpRequest;
  readonly requestId: string;
  readonly region: string;
  readonly accountId: string;
  readonly principal: Principal;

  constructor(http: HttpRequest, ids: RequestIds, principal: Principal, server: ServerInfo) {
    this.http = http;
    this.principal = principal;
    this.requestId = ids.requestId;
    this.region = server.region;
    this.accountId = server.accountId;
  }

  get invocationId(): string | undefined {
    const id = this.http.headers['amz-sdk-invocation-id'];
    return typeof id === 'string' ? id : undefined;
  }

  get signal(): AbortSignal {
    return this.http.signal;
  }
}
