import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Denial } from '../auth/denial.ts';
import type { Principal } from '../auth/principal.ts';
import { Call } from './call.ts';
import { type ChangeObserver, observerOfChanges } from './changes.ts';
import type { ServerInfo } from './server-info.ts';
import { DamagedDataError, isNoSpace, isOutOfHandles, ServiceError, UnavailableError } from '../errors.ts';
import {
  BodyTooLargeError,
  ClientGoneError,
  MemoryBudgetError,
  type HttpRequest,
  type HttpResponse,
} from '../http/message.ts';
import { RequestBody } from '../http/request-body.ts';
import { httpLimits } from '../http/limits.ts';
import { denialError } from './denials.ts';
import { protocolLimits } from './limits.ts';
import { isRead } from './reads.ts';
import { releaseBuffer } from '../support/buffer-pool.ts';
import { unsupportedOperations, type UnsupportedOperations } from './unsupported.ts';
import type { OperationModel } from './model.ts';
import type { ErrorCodes, OperationCodec, PathParameters, Protocol } from './protocol.ts';
import { type Outcome, withOutcome } from './observer.ts';
import { OperationGuard } from './operation-guard.ts';
import { nextRequestIds, type RequestIds } from './request-ids.ts';
import { hasStreamingInput } from './rest/rest.ts';
import { SerializationError } from './serialization-error.ts';
import { type CallContext, type Service, signingName } from './service.ts';
import type { ParsedInput } from './fast-parser.ts';
import { compileValidator } from './validation.ts';

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

  /** Whether there is a handler: a service may have only some of the operations of its model. */
  has(name: string): boolean {
    return typeof this.service.operation(name) === 'function';
  }

  /** The name, if it is one of an operation of this service: a client may send any text. */
  nameOf(name: string): string | undefined {
    return Object.hasOwn(this.service.model.operations, name) || this.unsupported.has(name)
      ? name
      : undefined;
  }

  /** Answers, in this protocol, errors that occur before the operation is known. */
  refuse(
    code: string,
    message: string,
    status: number,
    request: HttpRequest,
    operation?: string,
  ): HttpResponse {
    return this.#answerWith(new ServiceError(code, message, status), request, operation);
  }

  /** Answers, in this protocol, that the request is not admitted. */
  deny(request: HttpRequest, denial: Denial, operation?: string): HttpResponse {
    return this.#answerWith(denialError(denial, this.errorCodes), request, operation);
  }

  /** Refuses an AWS operation that nagare does not have, by name. */
  refuseUnsupported(name: string, request: HttpRequest): HttpResponse {
    const { unsupported, unsupportedStatus } = this.errorCodes;
    return this.refuse(unsupported, `nagare does not support ${name}`, unsupportedStatus, request, name);
  }

  #answerWith(error: ServiceError, request: HttpRequest, operation: string | undefined): HttpResponse {
    const ids = nextRequestIds();
    return this.observable(this.protocol.encodeError(error, request, ids), { operation, ids, error });
  }

  /** Adds to an answer what the server's observer gets to know of it. */
  observable(response: HttpResponse, outcome: Omit<Outcome, 'service'>): HttpResponse {
    if (this.#server.observer?.isWatching !== true) return response;
    return withOutcome(response, { ...outcome, service: this.service });
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
  readonly #changes: ChangeObserver | undefined;
  readonly #guard: OperationGuard | undefined;
  readonly #servesAnonymous: boolean;

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
    this.#changes = observerOfChanges(server.changes, endpoint.service, model);
    const { guard } = server;
    this.#guard = guard && new OperationGuard(endpoint.service, model.name, () => endpoint.errorCodes, guard);
    this.#servesAnonymous = guard !== undefined && endpoint.service.authorization?.servesAnonymous === true;
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
      if (denial !== 'unsigned') return this.#endpoint.deny(request, denial, this.#model.name);
      return this.#refuseUnsigned(request, principal);
    }
    const ids = nextRequestIds();
    let input: object | undefined;
    let decision: Outcome['decision'];
    let call: Call | undefined;
    try {
      let body = RequestBody.empty;
      if (!this.#streaming) {
        const limit = this.#bodyLimitBytes(principal);
        body = given ?? request.bodyAtHand(limit) ?? (await request.body(limit));
        if (request.headers['content-encoding'] !== undefined) body = await this.#unpack(request, body);
      }
      const offloaded = this.#codec.offload?.(body);
      const parsed = offloaded === undefined ? this.#codec.fastPath?.(body.bytes) : await offloaded;
      if (parsed !== undefined && parsed.memory !== body.bytes) body.release();
      const decoded = parsed ?? this.#decode(request, body, parameters);
      ({ input } = decoded);
      const handler = this.#handler();
      const checking = this.#isOpen(principal) ? undefined : this.#guard?.check(input, request, principal);
      const verdict = checking instanceof Promise ? await checking : checking;
      decision = verdict?.decision;
      if (verdict?.error !== undefined) throw verdict.error;
      call = this.#callOf(request, ids, principal);
      const output = await handler(input as never, call);
      const encoded = this.#codec.encode(output, request, ids, (error) => this.#explain(error, request, ids));
      const whole = encoded instanceof Promise ? await encoded : encoded;
      const answer = whole.endless === true ? this.#held(whole, input, request, principal) : whole;
      admit(answer, request);
      if (decoded.memory !== undefined) releaseBuffer(decoded.memory);
      if (!this.#isReported) return answer;
      return this.#reported(answer, request, principal, {
        ids,
        input,
        output,
        decision,
        signer: call?.signer,
      });
    } catch (thrown) {
      const error = this.#explain(thrown, request, ids);
      const answer = this.#endpoint.protocol.encodeError(error, request, ids);
      if (!this.#isReported) return answer;
      return this.#reported(answer, request, principal, {
        ids,
        input,
        decision,
        error,
        signer: call?.signer,
      });
    }
  }

  #held(answer: HttpResponse, input: object, http: HttpRequest, principal: Principal): HttpResponse {
    const mayGoOn = async (): Promise<boolean> =>
      (await this.#guard?.check(input, http, principal))?.error === undefined;
    return this.#server.streams?.hold(answer, { http, principal, mayGoOn }) ?? answer;
  }

  #callOf(http: HttpRequest, ids: RequestIds, principal: Principal): Call {
    const errorCodes = (): ErrorCodes => this.#errorCodes;
    return new Call({ http, ids, principal, server: this.#server, guard: this.#guard, errorCodes });
  }

  get #isReported(): boolean {
    return this.#changes !== undefined || this.#server.observer?.isWatching === true;
  }

  #reported(
    answer: HttpResponse,
    http: HttpRequest,
    principal: Principal,
    outcome: Omit<Outcome, 'service' | 'operation'>,
  ): HttpResponse {
    const { service } = this.#endpoint;
    const { name: operation } = this.#model;
    const { input, error, ids, signer = principal } = outcome;
    const { requestId } = ids;
    this.#changes?.changed({ service, operation, input, error, principal: signer, http, requestId });
    return this.#endpoint.observable(answer, { ...outcome, operation });
  }

  /** Why the principal may not call this operation. */
  #denial({ isSigned, identity, scope }: Principal): Denial | 'unsigned' | undefined {
    if (identity.kind === 'unverified') return this.#needsSignature && !isSigned ? 'unsigned' : undefined;
    if (identity.kind === 'anonymous') {
      return this.#isOpenToAll || this.#servesAnonymous ? undefined : 'unsigned';
    }
    // The rules for paths and bodies depend on the service that a request is signed for.
    if (scope?.service === this.#signingName) return undefined;
    const message = `Credential should be scoped to correct service: '${this.#signingName}'.`;
    return { kind: 'wrong-scope', message };
  }

  /** Anyone may make this call: its input authorizes it. */
  #isOpen({ identity }: Principal): boolean {
    return this.#isOpenToAll && identity.kind === 'anonymous';
  }

  #bodyLimitBytes({ identity }: Principal): number {
    const { bodyLimitBytes } = this.#endpoint.service;
    // Anyone could fill the memory for bodies.
    return identity.kind === 'anonymous'
      ? Math.min(bodyLimitBytes, protocolLimits.anonymousFormBytesMax)
      : bodyLimitBytes;
  }

  #refuseUnsigned(request: HttpRequest, { identity }: Principal): HttpResponse {
    const how = identity.kind === 'unverified' ? 'signed, with any access key' : 'signed';
    const message = `Missing Authentication Token: ${this.#model.name} must be ${how}.`;
    return this.#endpoint.refuse(this.#errorCodes.notSigned, message, 403, request, this.#model.name);
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
    if (error instanceof UnavailableError) return new ServiceError('ServiceUnavailable', error.message, 503);
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
