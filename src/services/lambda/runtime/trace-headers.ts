import { randomUUID } from 'node:crypto';
import { type TraceContext, traceParentOf, xrayOf } from '../../../support/trace-context.ts';

/** Headers of the answer with which a process gets an invocation. */
export interface TraceHeaders {
  /**
   * The value of `_X_AMZN_TRACE_ID`, in X-Ray's format. The AWS SDKs send it with every call that a function makes. It
   * also carries the function's deadline, so that the server can tell how long a calling function may still wait.
   */
  readonly 'lambda-runtime-trace-id': string;
  /** nagare's extension: the same trace for programs that know only the headers of the W3C. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** Without a trace, the invocation has one of its own that nobody records. */
export function traceHeaders(
  trace: TraceContext | undefined,
  nowMs: number,
  deadlineMs: number,
): TraceHeaders {
  if (trace === undefined) {
    const seconds = Math.floor(nowMs / 1000).toString(16);
    const ids = `Root=1-${seconds}-${randomHex(24)};Parent=${randomHex(16)}`;
    return { 'lambda-runtime-trace-id': `${ids};Sampled=0;Deadline=${deadlineMs}` };
  }
  const { traceId, spanId = randomHex(16), traceState } = trace;
  const isSampled = trace.isSampled === true;
  return {
    'lambda-runtime-trace-id': `${xrayOf({ traceId, spanId, isSampled })};Deadline=${deadlineMs}`,
    traceparent: traceParentOf(traceId, spanId, isSampled),
    ...(traceState !== undefined && { tracestate: traceState }),
  };
}

/** Up to 30 digits. Node makes UUIDs ahead, 128 at a time: a call of randomBytes costs twenty times as much. */
function randomHex(digits: number): string {
  return randomUUID().replaceAll('-', '').slice(-digits);
}

/** The deadline of the function that sent this header; undefined when no function did. */
export function deadlineInTraceId(header: string | readonly string[] | undefined): number | undefined {
  const [, deadlineMs] = /;Deadline=(\d{13})(?:;|$)/.exec(typeof header === 'string' ? header : '') ?? [];
  return deadlineMs === undefined ? undefined : Number(deadlineMs);
}
