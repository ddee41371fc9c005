/**
 * Functions as the rest of nagare calls them: event source mappings, notifications, alarms, deliveries. `name` is
 * whatever Lambda takes as FunctionName: a name, an ARN, a partial ARN (`000000000000:function:name`), each with
 * `:$LATEST` or without.
 */
export interface Functions {
  /** Undefined when there is no such function. */
  describe(name: string): FunctionInfo | undefined;

  /**
   * Runs it and gives what it returned; what the function did wrong is in the result, not thrown. Waits for a free
   * process when as many run as may. The payload must be JSON of at most `limits.invokePayloadBytesMax`.
   * Throws ServiceError: ResourceNotFoundException; TooManyRequestsException (too many wait already, or it waited too long), which
   * happens before the function ran. Throws FunctionsClosedError when the server stops: it may have run or not.
   */
  invoke(name: string, payload: Uint8Array, options?: InvokeOptions): Promise<InvokeResult>;

  /**
   * Resolves once the event is durable: it will run, at least once, also after a crash, and is retried as Lambda
   * does. Throws ServiceError: ResourceNotFoundException, TooManyRequestsException.
   */
  invokeAsync(name: string, payload: Uint8Array): Promise<{ readonly requestId: string }>;
}

export interface FunctionInfo {
  readonly name: string;
  /** Without a qualifier. */
  readonly arn: string;
  /** Of the role that it was created with; nothing is checked against it. */
  readonly roleArn: string;
  readonly timeoutSeconds: number;
}

export interface InvokeOptions {
  /** A UUID; made up when absent. */
  readonly requestId?: string;
  /** JSON (not base64) that the handler finds in `context.clientContext`. */
  readonly clientContext?: string;
  /** Gives up waiting for a free process; has no effect once the function runs. */
  readonly signal?: AbortSignal;
  /** The longest to wait for a free process before it is refused (TooManyRequestsException); without end, unless given. */
  readonly waitMsMax?: number | undefined;
}

export interface InvokeResult {
  /** What the function returned, or Lambda's description of the error: `{errorType, errorMessage, ...}`. */
  readonly payload: Buffer;
  /** Undefined when it succeeded. */
  readonly functionError: 'Handled' | 'Unhandled' | undefined;
  readonly requestId: string;
  readonly executedVersion: '$LATEST';
  /** The last 4 KB that it printed during this invocation, with Lambda's START, END and REPORT lines. */
  readonly logTail: Buffer;
}

/** A function given by a file instead of a zip; `nagare.yaml` declares them. */
export interface FunctionDeclaration {
  readonly name: string;
  /** Absolute path of a .js, .mjs, .cjs, .ts, .mts, .cts or .py file; read again when it, or what it imports, changes. */
  readonly path: string;
  /** The name it exports the handler by: `handler`. `file.handler` is taken as well. */
  readonly handler: string;
  /** 3 when absent, as in Lambda. */
  readonly timeoutSeconds?: number;
  /** 128 when absent, as in Lambda. */
  readonly memoryMegabytes?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** How many of it may run at once, `limits.functionProcessesMax` at most; further invocations wait. */
  readonly concurrency?: number;
  readonly description?: string;
}

/** The server is being stopped while the call was under way. */
export class FunctionsClosedError extends Error {
  override readonly name = 'FunctionsClosedError';
}
