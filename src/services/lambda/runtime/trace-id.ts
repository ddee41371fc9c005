import { randomBytes } from 'node:crypto';

/**
 * The value of `_X_AMZN_TRACE_ID`, in X-Ray's format. The AWS SDKs send it with every call that a function makes. It
 * also carries the function's deadline, so that the server can tell how long a calling function may still wait.
 */
export function traceIdOf(nowMs: number, deadlineMs: number): string {
  const seconds = Math.floor(nowMs / 1000).toString(16);
  const root = `1-${seconds}-${randomBytes(12).toString('hex')}`;
  return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=0;Deadline=${deadlineMs}`;
}

/** The deadline of the function that sent this header; undefined when no function did. */
export function deadlineInTraceId(header: string | readonly string[] | undefined): number | undefined {
  const [, deadlineMs] = /;Deadline=(\d{13})(?:;|$)/.exec(typeof header === 'string' ? header : '') ?? [];
  return deadlineMs === undefined ? undefined : Number(deadlineMs);
}
