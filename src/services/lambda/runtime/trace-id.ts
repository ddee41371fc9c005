import { randomBytes } from 'node:crypto';

/**
 * What a function finds in `_X_AMZN_TRACE_ID`, in X-Ray's form. The AWS SDKs send it along with every call that a
 * function makes, and so it tells, besides, until when the function may run that calls.
 */
export function traceIdOf(nowMs: number, deadlineMs: number): string {
  const seconds = Math.floor(nowMs / 1000).toString(16);
  const root = `1-${seconds}-${randomBytes(12).toString('hex')}`;
  return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=0;Deadline=${deadlineMs}`;
}

/** Of the function that sent this header; undefined when none did. */
export function deadlineInTraceId(header: string | readonly string[] | undefined): number | undefined {
  const [, deadlineMs] = /;Deadline=(\d{13})(?:;|$)/.exec(typeof header === 'string' ? header : '') ?? [];
  return deadlineMs === undefined ? undefined : Number(deadlineMs);
}
