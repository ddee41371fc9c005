import type { Callback, Handler } from './handler.ts';
import { RuntimeFailure } from './failure.ts';
import type { Invocation } from './runtime-client.ts';

/** Result of a handler call: `result` is JSON. */
export type Outcome = { readonly result: string } | { readonly thrown: unknown };

/**
 * Calls the handler and waits for its result in any form Lambda accepts: a promise, a returned value, the callback, or
 * `context.done/succeed/fail`. After a callback the result waits for an empty event loop, unless the handler set
 * `callbackWaitsForEmptyEventLoop` to false.
 */
export function callHandler(handler: Handler, invocation: Invocation): Promise<Outcome> {
  return new Promise((settle) => {
    let called = false;
    let promised = false;

    const finish = (outcome: Outcome): void => {
      process.removeListener('beforeExit', loopIsEmpty);
      settle(outcome);
    };
    const callback: Callback = (error, value) => {
      if (called || promised) return;
      called = true;
      answer = error === undefined || error === null ? succeeded(value) : { thrown: error };
      if (!context.callbackWaitsForEmptyEventLoop) finish(answer);
    };
    /** The result when the event loop is empty and the handler gave none. */
    let answer: Outcome = { result: 'null' };
    function loopIsEmpty(): void {
      finish(promised ? { thrown: neverSettled() } : answer);
    }
    const context = createContext(invocation, callback);
    process.on('beforeExit', loopIsEmpty);
    try {
      const returned = handler(parse(invocation.payload), context, callback);
      if (!isThenable(returned)) return;
      promised = true;
      returned.then(
        (value) => finish(succeeded(value)),
        (thrown: unknown) => finish({ thrown }),
      );
    } catch (thrown) {
      finish({ thrown });
    }
  });
}

function parse(payload: string): unknown {
  return payload === '' ? {} : (JSON.parse(payload) as unknown);
}

function succeeded(value: unknown): Outcome {
  try {
    return { result: value === undefined ? 'null' : (JSON.stringify(value) ?? 'null') };
  } catch (error) {
    const message = `Unable to stringify response body: ${(error as Error).message}`;
    return { thrown: new RuntimeFailure('MarshalError', message, error) };
  }
}

function neverSettled(): Error {
  const message =
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a ' +
    'Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes';
  return new RuntimeFailure('NodeJsExit', message);
}

interface Context {
  callbackWaitsForEmptyEventLoop: boolean;
  readonly functionName: string | undefined;
  readonly functionVersion: string | undefined;
  readonly memoryLimitInMB: string | undefined;
  readonly logGroupName: string | undefined;
  readonly logStreamName: string | undefined;
  readonly clientContext: unknown;
  readonly identity: undefined;
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
  done: Callback;
  succeed(value: unknown): void;
  fail(error: unknown): void;
}

/** docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function createContext(invocation: Invocation, callback: Callback): Context {
  const { env } = process;
  const client = invocation.clientContext;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    clientContext: client === undefined ? undefined : (JSON.parse(client) as unknown),
    identity: undefined,
    invokedFunctionArn: invocation.functionArn,
    awsRequestId: invocation.requestId,
    getRemainingTimeInMillis: () => Math.max(invocation.deadlineMs - Date.now(), 0),
    done: callback,
    succeed: (value) => callback(null, value),
    fail: (error) => callback(error ?? 'handled'),
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
