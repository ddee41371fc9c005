/**
 * The process of a Node.js function: loads the handler, then processes one invocation after another from the Lambda
 * Runtime API until it is killed. It exits when the server is gone.
 */
import { failureOf, type Failure } from './failure.ts';
import { loadHandler, type Handler } from './handler.ts';
import { callHandler } from './invoke.ts';
import { installModuleHooks, loadedFiles } from './module-hooks.ts';
import { nextInvocation, sendError, sendInitError, sendLoadedFiles, sendResponse } from './runtime-client.ts';
import { logAs, logFailure, redirectConsole } from './telemetry.ts';

/** The exit code of Lambda's own runtime. */
const EXIT_UNCAUGHT = 129;
const EXIT_UNHANDLED_REJECTION = 128;
const EXIT_SERVER_GONE = 1;

let current: string | undefined;

process.on('uncaughtException', (error) => {
  logFailure('Uncaught Exception', error);
  endWith(failureOf(error), EXIT_UNCAUGHT);
});
process.on('unhandledRejection', (reason) => {
  const { errorType, errorMessage, trace } = failureOf(reason);
  const type = 'Runtime.UnhandledPromiseRejection';
  logFailure('Unhandled Promise Rejection', reason);
  endWith(
    { errorType: type, errorMessage: `${errorType}: ${errorMessage}`, trace },
    EXIT_UNHANDLED_REJECTION,
  );
});

/** Reports the failure to the server and exits: after it the state of the handler is unknown. */
function endWith(failure: Failure, exitCode: number): void {
  const told = current === undefined ? sendInitError(failure) : sendError(current, failure);
  void told.then(
    () => process.exit(exitCode),
    () => process.exit(exitCode),
  );
}

async function start(): Promise<Handler | undefined> {
  const file = take('_NAGARE_HANDLER_FILE');
  installModuleHooks({
    folders: take('_NAGARE_PACKAGES')?.split('\n') ?? [],
    seesOnly: take('_NAGARE_SEES_ONLY'),
  });
  try {
    const { _HANDLER: name = '', LAMBDA_TASK_ROOT: folder = '' } = process.env;
    const handler = await loadHandler(name, folder, file);
    if (file !== undefined) await sendLoadedFiles(loadedFiles());
    return handler;
  } catch (error) {
    logFailure('Uncaught Exception', error);
    if (file !== undefined) await sendLoadedFiles(loadedFiles());
    await sendInitError(failureOf(error));
    return undefined;
  }
}

async function serve(handler: Handler): Promise<void> {
  for (let invocation = await nextInvocation(); ;) {
    current = invocation.requestId;
    logAs(current);
    setVariable('_X_AMZN_TRACE_ID', invocation.traceId);
    // As OpenTelemetry passes a trace to a process.
    setVariable('TRACEPARENT', invocation.traceParent);
    setVariable('TRACESTATE', invocation.traceState);
    const outcome = await callHandler(handler, invocation);
    for (const stream of [process.stdout, process.stderr]) await written(stream);
    if ('result' in outcome) {
      invocation = await sendResponse(current, outcome.result);
      continue;
    }
    logFailure('Invoke Error', outcome.thrown);
    await sendError(current, failureOf(outcome.thrown));
    invocation = await nextInvocation();
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/**
 * Waits until the handler's output is in the pipe before the response is sent, so that the log has it in the right
 * place.
 */
function written(stream: NodeJS.WriteStream): Promise<void> | undefined {
  if (stream.writableLength === 0 || stream.destroyed) return undefined;
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** Reads a variable that is for this process only; handlers do not see it. */
function take(name: string): string | undefined {
  const value = process.env[name];
  delete process.env[name];
  return value;
}

// The process was started for this invocation: output of loading the handler belongs to it.
const firstRequest = take('_NAGARE_REQUEST_ID');
if (firstRequest !== undefined) logAs(firstRequest);
redirectConsole(Number(process.env['_LAMBDA_TELEMETRY_LOG_FD'] ?? 1));
const handler = await start();
if (handler === undefined) process.exit(1);
try {
  await serve(handler);
} catch {
  process.exit(EXIT_SERVER_GONE);
}
