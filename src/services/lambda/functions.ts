import type { LoggingConfig } from '@aws-sdk/client-lambda';
import type { TraceContext } from '../../support/trace-context.ts';
import type { Checked } from '../../protocol/service.ts';
import type { EventInvokeSettings } from './events/event-invoke-settings.ts';

/**
 * Functions as other parts of nagare call them: event source mappings, notifications, alarms, deliveries. `name` is any
 * form of FunctionName that Lambda accepts: a name, an ARN, or a partial ARN (`000000000000:function:name`), each with
 * or without a version or an alias.
 */
export interface Functions {
  /** Undefined when the function does not exist. */
  describe(name: string): FunctionInfo | undefined;

  /**
   * Runs a function and returns its result; a failure of the function is part of the result, not an exception. Waits
   * for a free process when all are busy. The payload must be JSON of at most `limits.invokePayloadBytesMax`. Throws
   * ServiceError, always before the function has run: ResourceNotFoundException, or TooManyRequestsException when too
   * many invocations wait or this one waited too long. Throws FunctionsClosedError when the server shuts down: the
   * function may or may not have run.
   */
  invoke(name: string, payload: Uint8Array, options?: InvokeOptions): Promise<InvokeResult>;

  /**
   * Resolves once the event is durable: it then runs at least once, also after a crash, and is retried as on Lambda.
   * Throws ServiceError: ResourceNotFoundException, TooManyRequestsException.
   */
  invokeAsync(
    name: string,
    payload: Uint8Array,
    options?: Pick<InvokeOptions, 'trace'>,
  ): Promise<{ readonly requestId: string }>;
}

export interface FunctionInfo {
  readonly name: string;
  /** Without a qualifier. */
  readonly arn: string;
  /** With the version or the alias, if the name has one. */
  readonly qualifiedArn: string;
  readonly roleArn: string;
  /** `nagare.yaml` declares it without a role: no policies limit it. */
  readonly isUnlimited?: boolean;
  readonly timeoutSeconds: number;
}

export interface InvokeOptions {
  /** A UUID; generated when absent. */
  readonly requestId?: string;
  /** JSON (not base64) that the handler gets as `context.clientContext`. */
  readonly clientContext?: string;
  /** Cancels the wait for a free process; has no effect once the function runs. */
  readonly signal?: AbortSignal;
  /**
   * The maximum wait for a free process, after which the call fails with TooManyRequestsException. Unlimited when
   * absent.
   */
  readonly waitMsMax?: number | undefined;
  /**
   * Whether it waits when the function's processes end before they take an invocation, and the next may not be started
   * yet. False: it fails at once with the error of the last one. Default: true.
   */
  readonly waitsForPause?: boolean;
  /** What the function does belongs to this trace. */
  readonly trace?: TraceContext | undefined;
}

export interface InvokeResult {
  /** What the function returned, or Lambda's description of the error: `{errorType, errorMessage, ...}`. */
  readonly payload: Buffer;
  /** Undefined when it succeeded. */
  readonly functionError: 'Handled' | 'Unhandled' | undefined;
  readonly requestId: string;
  readonly executedVersion: string;
  /** The last 4 KB of the invocation's log, including Lambda's START, END and REPORT lines. */
  readonly logTail: Buffer;
}

/** A function given by a file instead of a zip, as `nagare.yaml` declares it. */
export interface FunctionDeclaration {
  readonly name: string;
  /**
   * Absolute path of a .js, .mjs, .cjs, .ts, .mts, .cts or .py file. The file is loaded again when it, or a file that
   * it imports, changes.
   */
  readonly path: string;
  /** Name of the exported handler. `file.handler` is accepted as well. */
  readonly handler: string;
  /** Default 3, as on Lambda. */
  readonly timeoutSeconds?: number;
  /** Default 128, as on Lambda. */
  readonly memoryMegabytes?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Maximum concurrent invocations, at most `limits.functionProcessesMax`; further invocations wait. */
  readonly concurrency?: number;
  /** Name or ARN; without one, no policies limit the function. */
  readonly role?: string;
  readonly description?: string;
  /** `name:version`, or ARNs of versions. */
  readonly layers?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly logging?: Checked<LoggingConfig>;
  /** Descriptions by name. All are names of $LATEST: a declared function has no versions. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly eventInvoke?: EventInvokeSettings;
  /** ARN of the topic or queue for events that were given up. */
  readonly deadLetterTarget?: string;
}

/** The server shut down while the call was in progress. */
export class FunctionsClosedError extends Error {
  override readonly name = 'FunctionsClosedError';
}
