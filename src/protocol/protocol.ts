import type { ServiceError } from '../errors.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { RequestIds } from './request-ids.ts';
import type { FastParser, OffloadedParser } from './fast-parser.ts';

/** Decodes and encodes one operation in one protocol. Made once, used for every call. */
export interface OperationCodec {
  /** Throws SerializationError. Bounds are not checked yet. `body` is empty for a streaming input. */
  decode(request: HttpRequest, body: Buffer, parameters: PathParameters): object;
  /** Decodes and validates the usual form of a body in one step; undefined for any other body. */
  readonly fastPath?: FastParser;
  /** The fast path on another thread. */
  readonly offload?: OffloadedParser;
  /**
   * When the body's memory can be released: true, after the call, as the input refers to it; false, after decoding, as
   * the input is a copy. Undefined: never, as the operation may keep parts of it.
   */
  readonly viewsBody?: boolean;
  /** `fault` logs an error of a stream of events that is no ServiceError, and gives the one that the client gets. */
  encode(
    output: unknown,
    request: HttpRequest,
    ids: RequestIds,
    fault: (error: unknown) => ServiceError,
  ): HttpResponse | Promise<HttpResponse>;
}

/** Labels of a REST path, still percent-encoded; empty for protocols without. */
export type PathParameters = Readonly<Record<string, string>>;

export interface Protocol {
  readonly model: ServiceModel;
  codec(operation: OperationModel): OperationCodec;
  encodeError(error: ServiceError, request: HttpRequest, ids: RequestIds): HttpResponse;
  /** The codes of errors that are raised before the operation runs. */
  readonly errorCodes: ErrorCodes;
  /** The body holds the arguments of a call, and is not stored as it is. */
  readonly rpc: boolean;
}

/** Protocols that have the same error codes for signatures. */
export type DenialFamily = 'json' | 'rest-json' | 'query' | 's3';

export interface ErrorCodes {
  /** A value that violates the model's bounds. */
  readonly validation: string;
  /** A body that cannot be read, or holds a value of another type. */
  readonly serialization: string;
  /** The message for a body that cannot be parsed; empty where AWS sends none. */
  readonly malformedMessage: string;
  /** An operation of AWS's that nagare does not support. */
  readonly unsupported: string;
  readonly unsupportedStatus: number;
  readonly unknownOperation: string;
  readonly tooLarge: string;
  /** The caller has no permission. */
  readonly accessDenied: string;
  /** The request has no credentials. */
  readonly notSigned: string;
  /** An internal error. */
  readonly internal: string;
  /** The codes for signatures that do not hold. */
  readonly denials: DenialFamily;
}
