import type { Principal } from '../auth/principal.ts';
import type { HttpRequest } from '../http/message.ts';
import type { ServiceError } from '../errors.ts';
import type { Authorization, Need } from './authorization.ts';
import type { FastParser, OffloadedParser } from './fast-parser.ts';
import type { ServiceModel } from './model.ts';
import type { ErrorCodes } from './protocol.ts';

/** What a handler knows about a call besides its input. */
export interface CallContext {
  readonly requestId: string;
  /** `amz-sdk-invocation-id`: the same on all attempts of one call; undefined when the client sent none. */
  readonly invocationId: string | undefined;
  /** Region and account of the call, for the ARNs in its result. */
  readonly region: string;
  readonly accountId: string;
  /** The caller. */
  readonly principal: Principal;
  /** Aborts when the client has left. */
  readonly signal: AbortSignal;
  readonly http: HttpRequest;
  /**
   * Why the caller may not do one part of the operation, for operations that answer it part by part. Undefined if it
   * may.
   */
  refusalOf(need: Need): ServiceError | undefined | Promise<ServiceError | undefined>;
  /**
   * For operations that anyone may call with a form that is signed by itself: verifies the signature of its policy, by
   * its fields, keyed by lower-case name. `refusalOf` then asks for the signer of the form. Rejects with ServiceError.
   * With `--auth off` nothing is checked.
   */
  verifyForm(fields: ReadonlyMap<string, string>, policy: string): Promise<void>;
}

/**
 * One operation: gets the decoded and validated input, returns the members of the output. Throws ServiceError for
 * errors that the caller gets. `Context` is the service's own object (its state and dependencies). A blob of the
 * input is valid until the operation has returned: copy it to keep it longer.
 */
export type Operation<Context, Input, Output> = (
  context: Context,
  input: Input,
  call: CallContext,
) => Output | Promise<Output>;

/** An encoded document: bytes, or text that is sent as UTF-8. */
export type Encoded = string | Uint8Array;

/**
 * An output that the handler has encoded as JSON itself (GetRecords: its records are never turned into objects).
 * `value` is for callers that use another protocol, and must mean the same. Nothing else may use the memory that
 * `json` returns: it is released once it has been sent.
 */
export class EncodedOutput {
  readonly json: () => Encoded;
  readonly value: () => object;
  /** Like `json`, but encoded on another thread. */
  readonly offloadJson: (() => Promise<Encoded>) | undefined;

  constructor(json: () => Encoded, value: () => object, offloadJson?: () => Promise<Encoded>) {
    this.json = json;
    this.value = value;
    this.offloadJson = offloadJson;
  }
}

/** An operation of the API that is not implemented: it is refused by name, with the reason. */
export interface Unsupported {
  readonly unsupported: string;
}

export function unsupported(reason: string): Unsupported {
  return { unsupported: reason };
}

/**
 * A service's operations. The compiler checks that the table is complete: `{...} satisfies OperationTable<Kinesis,
 * keyof typeof api.operations>`. The input type `never` lets handlers with different inputs be in one table; the
 * dispatcher passes each handler what the model defines, from which the handler's type was taken.
 */
export type OperationTable<Context, Name extends string> = Readonly<
  Record<Name, Operation<Context, never, object | void> | Unsupported>
>;

/** What the audit log needs to know of a service's operations. */
export interface AuditTable {
  /** Operations on data rather than on resources, which CloudTrail calls data events. */
  readonly dataEvents: readonly string[];
  /**
   * Shapes of inputs, or members of shapes (`InvocationRequest.ClientContext`), that hold data or secrets, besides blobs
   * and what `api.json` marks as sensitive.
   */
  readonly hidden: readonly string[];
}

/** A service as the dispatcher sees it. */
export interface Service {
  /** Lower case, as in ARNs: `kinesis`, `lambda`, `s3`, `sns`, `monitoring`, `logs`. */
  readonly name: string;
  readonly model: ServiceModel;
  /** The handler of an operation with the service's context bound; Unsupported; undefined for an unknown name. */
  operation(name: string): ((input: never, call: CallContext) => unknown) | Unsupported | undefined;
  /** The maximum request body in bytes; larger ones are answered with the service's own error. */
  readonly bodyLimitBytes: number;
  /** Verifies a buffered body against its headers. Throws ServiceError. */
  readonly checkBody?: (request: HttpRequest, body: Buffer) => void;
  /** Where the service's codes for errors raised before its handlers differ from those of the protocol. */
  readonly errorCodes?: Partial<ErrorCodes>;
  /** Fast parsers for operations where the general decoder is too slow. */
  readonly fastParsers?: Readonly<Record<string, FastParser>>;
  readonly offloadedParsers?: Readonly<Record<string, OffloadedParser>>;
  /**
   * AWS operations that are not in the model, so that they can be refused by name: `<name>`, and for REST services
   * `<name> <method> <path>` with the query that it needs.
   */
  readonly unsupported?: readonly string[];
  /**
   * Operations that change state and that AWS lets anyone call: their input (a token, a policy) authorizes them.
   */
  readonly unsigned?: readonly string[];
  /** Without it, every operation is a management event. */
  readonly audit?: AuditTable | undefined;
  /** Paths besides `/` to which its forms are sent. */
  readonly formPaths?: RegExp;
  /** What its operations need; only the account may call a service without it. */
  readonly authorization?: Authorization | undefined;
}

/** The service's name in credential scopes. */
export function signingName({ model }: Service): string {
  return model.metadata.signingName ?? model.metadata.endpointPrefix;
}

type ServiceOptions = Pick<
  Service,
  'errorCodes' | 'fastParsers' | 'offloadedParsers' | 'unsupported' | 'unsigned' | 'audit' | 'formPaths'
> &
  Record<'authorization', Service['authorization']>;

/** Binds a registry to its context. */
export function service<Context>(
  name: string,
  model: ServiceModel,
  operations: OperationTable<Context, string>,
  context: Context,
  bodyLimitBytes: number,
  {
    errorCodes = {},
    fastParsers = {},
    offloadedParsers = {},
    unsupported = [],
    unsigned = [],
    audit,
    formPaths,
    authorization,
  }: ServiceOptions,
): Service {
  return {
    name,
    model,
    bodyLimitBytes,
    errorCodes,
    fastParsers,
    offloadedParsers,
    unsupported,
    unsigned,
    audit,
    ...(formPaths !== undefined && { formPaths }),
    authorization,
    operation(operationName) {
      if (!Object.hasOwn(operations, operationName)) return undefined;
      const operation = operations[operationName];
      if (operation === undefined || typeof operation !== 'function') return operation;
      return (input, call) => operation(context, input, call);
    },
  };
}

/**
 * The type of an AWS SDK as a handler gets it after validation: required members are present (in the SDK's types all of
 * them may be undefined), optional ones may be absent.
 */
export type Checked<T> = T extends Uint8Array | Date | AsyncIterable<unknown>
  ? T
  : T extends readonly (infer E)[]
    ? Checked<E>[]
    : T extends object
      ? { [K in keyof T]: Checked<Exclude<T[K], undefined>> }
      : T;
