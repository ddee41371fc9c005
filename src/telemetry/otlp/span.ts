import { keyValues, type Message } from './messages.ts';

/** SpanKind of OTLP. */
export const spanKind = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Span extends SpanContext {
  readonly parentSpanId?: string | undefined;
  readonly traceState?: string | undefined;
  readonly name: string;
  readonly kind: keyof typeof spanKind;
  /** Milliseconds since the epoch, with a fraction. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly links?: readonly SpanContext[];
  /** Why the span failed. */
  readonly failure?: string | undefined;
}

/** StatusCode.STATUS_CODE_ERROR */
const ERROR = 2;

/** The sampled flag of W3C's trace flags. */
const SAMPLED = 1;

export function spanMessage(span: Span): Message {
  const { traceId, spanId, parentSpanId, traceState, name, kind, startMs, endMs, links = [], failure } = span;
  return {
    traceId,
    spanId,
    traceState,
    parentSpanId,
    name,
    kind: spanKind[kind],
    startTimeUnixNano: startMs,
    endTimeUnixNano: endMs,
    attributes: keyValues(span.attributes),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    status: failure === undefined ? undefined : { message: failure, code: ERROR },
    flags: SAMPLED,
  };
}
