import type { ServiceError } from '../errors.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { RequestIds } from './request-ids.ts';
import type { InputReader, RemoteReader } from './input-reader.ts';

/** An operation's ways between bytes and values in one protocol, made once and used for every call. */
export interface OperationCodec {
  /** Throws SerializationError. Bounds are not checked yet. `body` is empty for a streaming input. */
  decode(request: HttpRequest, body: Buffer, parameters: PathParameters): object;
  /** Decoded and found within bounds at once; undefined when it takes the long way to know. */
  readonly readValid?: InputReader;
  readonly readElsewhere?: RemoteReader;
  /**
   * Whether what `decode` gives has parts of the body in it; then nothing of it is kept when the call is answered.
   * Undefined when parts may be kept for longer.
   */
  readonly viewsBody?: boolean;
  /** `fault` logs what a stream of events threw and is no ServiceError, and gives what is told of it. */
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
  /** How this protocol's services call the errors that are raised before a handler is asked. */
  readonly words: EdgeWords;
  /** The body is a call's arguments, and nothing that is kept as it came. */
  readonly rpc: boolean;
}

export interface EdgeWords {
  /** A value that violates the model's bounds. */
  readonly validation: string;
  /** A body that cannot be read, or holds a value of another type. */
  readonly serialization: string;
  /** What is said of a body that cannot be read at all; empty where AWS says nothing. */
  readonly malformedMessage: string;
  /** An operation of the model that is not there. */
  readonly unsupported: string;
  readonly unsupportedStatus: number;
  readonly unknownOperation: string;
  readonly tooLarge: string;
  /** Who calls may not. */
  readonly accessDenied: string;
  /** Who calls shows no credentials. */
  readonly notSigned: string;
  /** A fault of ours. */
  readonly internal: string;
}
