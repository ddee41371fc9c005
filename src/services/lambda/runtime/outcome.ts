import type { InvokeResult } from '../functions.ts';

/** The result of one invocation in a process. */
export interface InvocationOutcome {
  readonly payload: Buffer;
  readonly functionError: InvokeResult['functionError'];
  /** For the REPORT line; absent when the handler returned. */
  readonly failure?: { readonly status: 'error' | 'timeout'; readonly type: string };
}

export function returned(payload: Buffer): InvocationOutcome {
  return { payload, functionError: undefined };
}

/** A failure that the process itself reported. */
export function reported(errorType: string | undefined, payload: Buffer): InvocationOutcome {
  return {
    payload,
    functionError: 'Unhandled',
    failure: { status: 'error', type: errorType ?? 'Unhandled' },
  };
}

/** A failure that the process could not report, with Lambda's message. */
export function failed(
  type: string,
  message: string,
  status: 'error' | 'timeout' = 'error',
): InvocationOutcome {
  const payload = Buffer.from(JSON.stringify({ errorType: type, errorMessage: message }));
  return { payload, functionError: 'Unhandled', failure: { status, type } };
}

export function responseTooLarge(bytesMax: number): InvocationOutcome {
  return failed(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${bytesMax} bytes).`,
  );
}

export function timedOut(requestId: string, timeoutMs: number): InvocationOutcome {
  const seconds = (timeoutMs / 1000).toFixed(2);
  const message = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
  return failed('Sandbox.Timedout', message, 'timeout');
}

/** Go's names of signals, which Lambda uses. */
const SIGNALS: Readonly<Record<string, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGHUP: 'hangup',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
};

export function exited(requestId: string, exitCode: number | null, signal: string | null): InvocationOutcome {
  let how = 'without providing a reason';
  if (signal !== null) how = `with error: signal: ${SIGNALS[signal] ?? signal}`;
  else if (exitCode !== 0) how = `with error: exit status ${exitCode}`;
  return failed('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime exited ${how}`);
}

const START_ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOEXEC: 'exec format error',
};

export function notStarted(
  requestId: string,
  command: string,
  { code, message }: { readonly code?: string | undefined; readonly message?: string },
): InvocationOutcome {
  const reason =
    code === 'ENOENT'
      ? `Couldn't find valid bootstrap(s): [${command}]`
      : `fork/exec ${command}: ${START_ERRORS[code ?? ''] ?? message ?? code}`;
  return failed('Runtime.InvalidEntrypoint', `RequestId: ${requestId} Error: ${reason}`);
}
