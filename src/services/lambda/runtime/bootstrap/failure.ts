/** A thrown value as Lambda reports it: the payload for the caller, and the text for the log. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export function failureOf(thrown: unknown): Failure {
  if (!isErrorLike(thrown)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return {
    errorType: thrown.name || 'Error',
    errorMessage: thrown.message,
    trace: (thrown.stack ?? '').split('\n'),
  };
}

/** The log format of an error: its own members (code, ...) beside Lambda's. */
export function failureForLog(thrown: unknown): string {
  const { errorType, errorMessage, trace } = failureOf(thrown);
  const own = isErrorLike(thrown) ? Object.fromEntries(Object.entries(thrown)) : {};
  const described = { errorType, errorMessage, ...own, stack: trace };
  try {
    return JSON.stringify(described);
  } catch {
    return JSON.stringify({ errorType, errorMessage, stack: trace });
  }
}

/** Errors of other realms (vm, another copy of a library) are not instances of this realm's Error. */
function isErrorLike(thrown: unknown): thrown is Error {
  if (thrown instanceof Error) return true;
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown;
}

/** An error in the function's setup, with Lambda's name for it (`Runtime.HandlerNotFound`, ...). */
export class RuntimeFailure extends Error {
  constructor(type: string, message: string, cause?: unknown) {
    super(message);
    this.name = `Runtime.${type}`;
    if (cause instanceof Error) this.stack = `${this.name}: ${message}\n${withoutMessage(cause)}`;
  }
}

/**
 * An error's stack without its message, which is reported separately: the lines before it (source code) and the calls.
 */
function withoutMessage({ stack = '', name }: Error): string {
  const header = stack.search(new RegExp(`^${name}\\b`, 'm'));
  const calls = stack.search(/^ {4}at /m);
  return header === -1 || calls === -1 ? stack : stack.slice(0, header) + stack.slice(calls);
}
