import type { Principal } from '../auth/principal.ts';
import type { HttpRequest } from '../http/message.ts';
import type { InputReader, RemoteReader } from './input-reader.ts';
import type { ServiceModel } from './model.ts';
import type { ErrorCodes } from './protocol.ts';

/** What a handler may know of the call besides its input. */
export interface CallContext {
  readonly requestId: string;
  /** `amz-sdk-invocation-id`: the same on all attempts of one call; undefined when the client sent none. */
  readonly invocationId: string | undefined;
  /** Region and account that the call is for; they make up the ARNs it is answered with. */
  readonly region: string;
  readonly accountId: string;
  /** Who calls. */
  readonly principal: Principal;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  readonly http: HttpRequest;
}

/**
 * One operation: gets the decoded and checked input, gives the output's members. Throws ServiceError for what
 * the caller is to be told. `Context` is the service's own object (its state and its dependencies). A blob of the input
 * is the operation's until it has answered: whoever keeps it longer copies it.
 */
export type Operation<Context, Input, Output> = (
  context: Context,
  input: Input,
  call: CallContext,
) => Output | Promise<Output>;

/** A document as it goes over the wire: bytes, or a text for its UTF-8. */
export type Encoded = string | Uint8Array;

/**
 * An output that the handler has as JSON already (GetRecords: its records need not become objects first). `value`
 * is for callers that speak another protocol, and must mean the same. What `json` gives is nobody else's: its memory is
 * given back when it is sent.
 */
export class EncodedOutput {
  readonly json: () => Encoded;
  readonly value: () => object;
  /** As `json`, made by somebody else meanwhile. */
  readonly offloadJson: (() => Promise<Encoded>) | undefined;

  constructor(json: () => Encoded, value: () => object, offloadJson?: () => Promise<Encoded>) {
    this.json = json;
    this.value = value;
    this.offloadJson = offloadJson;
  }
}

/** An operation of the API that is not there (yet): refused by name, with the reason. */
export interface Unsupported {
  readonly unsupported: string;
}

export function unsupported(reason: string): Unsupported {
  return { unsupported: reason };
}

/**
 * A service's registry, complete by the compiler's word:
 * `{...} satisfies OperationTable<Kinesis, keyof typeof api.operations>`.
 * `never` for the input lets handlers of any input type stand in one table; the dispatcher hands each what the
 * model says, which is what its type was taken from.
 */
export type OperationTable<Context, Name extends string> = Readonly<
  Record<Name, Operation<Context, never, object | void> | Unsupported>
>;

/** A service as the dispatcher sees it. */
export interface Service {
  /** Lower case, as in ARNs: `kinesis`, `lambda`, `s3`, `sns`, `monitoring`, `logs`. */
  readonly name: string;
  readonly model: ServiceModel;
  /** The handler of an operation with the service's context bound; Unsupported; undefined for an unknown name. */
  operation(name: string): ((input: never, call: CallContext) => unknown) | Unsupported | undefined;
  /** Greatest request body in bytes; larger ones are answered with the service's own error. */
  readonly bodyLimitBytes: number;
  /** Where the service calls the errors raised before its handlers otherwise than its protocol's other services. */
  readonly errorCodes?: Partial<ErrorCodes>;
  /** By operation, where the general way is too slow. */
  readonly readers?: Readonly<Record<string, InputReader>>;
  readonly remoteReaders?: Readonly<Record<string, RemoteReader>>;
  /**
   * Operations of AWS's API that are not in the model, so that they are refused by name: `<name>`, and for services
   * that are called by method and path `<name> <method> <path>`, with the query that it needs.
   */
  readonly absent?: readonly string[];
  /** Operations that change state and that AWS lets anybody call: what they are given (a token, a policy) is their proof. */
  readonly unsigned?: readonly string[];
}

/** As credential scopes call the service. */
export function signingName({ model }: Service): string {
  return model.metadata.signingName ?? model.metadata.endpointPrefix;
}

/** Binds a registry to its context. */
export function service<Context>(
  name: string,
  model: ServiceModel,
  operations: OperationTable<Context, string>,
  context: Context,
  bodyLimitBytes: number,
  {
    errorCodes = {},
    readers = {},
    remoteReaders = {},
    absent = [],
    unsigned = [],
  }: Pick<Service, 'errorCodes' | 'readers' | 'remoteReaders' | 'absent' | 'unsigned'> = {},
): Service {
  return {
    name,
    model,
    bodyLimitBytes,
    errorCodes,
    readers,
    remoteReaders,
    absent,
    unsigned,
    operation(operationName) {
      if (!Object.hasOwn(operations, operationName)) return undefined;
      const operation = operations[operationName];
      if (operation === undefined || typeof operation !== 'function') return operation;
      return (input, call) => operation(context, input, call);
    },
  };
}

/**
 * A type of an AWS SDK as a handler gets it after the checks: a member that the model requires is there (the SDK's
 * types say `| undefined` for all of them), an optional one may be absent.
 */
export type Checked<T> = T extends Uint8Array | Date | AsyncIterable<unknown>
  ? T
  : T extends readonly (infer E)[]
    ? Checked<E>[]
    : T extends object
      ? { [K in keyof T]: Checked<Exclude<T[K], undefined>> }
      : T;
