import type { HttpRequest } from '../http/message.ts';
import { isZero, type TraceContext, traceOfXray } from '../support/trace-context.ts';

export type Propagator = 'tracecontext' | 'xray';

/** Finds the trace of what a request causes, before it is answered. */
export interface RequestTraces {
  /** Undefined if the request belongs to none. */
  of(request: HttpRequest): TraceContext | undefined;
}

/** What callers say, passed on as it is: for a server that records no traces. */
export const callersTraces: RequestTraces = {
  of: ({ headers }) => parentOf(headers, ['tracecontext', 'xray']),
};

type Headers = HttpRequest['headers'];

const TRACE_PARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
/** It is passed on in a header. */
const TRACE_STATE = /^[\t\x20-\x7e]{1,512}$/;

/** The first of the propagators whose header is valid. Invalid headers are no headers. */
export function parentOf(headers: Headers, propagators: readonly Propagator[]): TraceContext | undefined {
  for (const propagator of propagators) {
    const parent = propagator === 'tracecontext' ? traceParent(headers) : xray(headers);
    if (parent !== undefined) return parent;
  }
  return undefined;
}

/** www.w3.org/TR/trace-context: later versions may add fields. */
function traceParent(headers: Headers): TraceContext | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACE_PARENT.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (isZero(traceId) || isZero(spanId)) return undefined;
  const state = typeof tracestate === 'string' ? tracestate : '';
  return {
    traceId,
    spanId,
    isSampled: (Number.parseInt(flags, 16) & 1) === 1,
    traceState: TRACE_STATE.test(state) ? state : undefined,
  };
}

function xray(headers: Headers): TraceContext | undefined {
  const header = headers['x-amzn-trace-id'];
  return typeof header === 'string' ? traceOfXray(header) : undefined;
}
