import { randomFillSync } from 'node:crypto';

/** The trace that a piece of work belongs to. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** What has caused the work, as 16 hexadecimal digits; undefined if only the trace is known. */
  readonly spanId: string | undefined;
  /** Undefined if the decision is left to others. */
  readonly isSampled: boolean | undefined;
  /** What others keep in the trace (W3C). */
  readonly traceState?: string | undefined;
}

const ROOT = /(?:^|;)\s*Root=1-([\da-f]{8})-([\da-f]{24})\s*(?:;|$)/i;
const PARENT = /(?:^|;)\s*Parent=([\da-f]{16})\s*(?:;|$)/i;
const SAMPLED = /(?:^|;)\s*Sampled=([01])\s*(?:;|$)/i;
const XRAY_LENGTH_MAX = 512;

/**
 * The trace in X-Ray's form, in which HTTP requests, messages of queues and functions carry it; undefined if the text is
 * not in this form. docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function traceOfXray(text: string): TraceContext | undefined {
  if (text.length > XRAY_LENGTH_MAX) return undefined;
  const root = ROOT.exec(text);
  if (root === null) return undefined;
  const traceId = `${root[1]}${root[2]}`.toLowerCase();
  const spanId = PARENT.exec(text)?.[1]?.toLowerCase();
  const sampled = SAMPLED.exec(text)?.[1];
  if (isZero(traceId)) return undefined;
  return {
    traceId,
    spanId: spanId === undefined || isZero(spanId) ? undefined : spanId,
    isSampled: sampled === undefined ? undefined : sampled === '1',
    traceState: undefined,
  };
}

/** It has no place for what others keep in the trace. */
export function xrayOf({ traceId, spanId, isSampled }: TraceContext): string {
  const parent = spanId === undefined ? '' : `;Parent=${spanId}`;
  const sampled = isSampled === undefined ? '' : `;Sampled=${isSampled ? 1 : 0}`;
  return `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)}${parent}${sampled}`;
}

/** The trace in the form of the W3C, for which the parent must be known. www.w3.org/TR/trace-context */
export function traceParentOf(traceId: string, spanId: string, isSampled: boolean): string {
  return `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`;
}

/** Headers of requests that belong to the trace. */
export function traceHeadersOf(trace: TraceContext | undefined): Readonly<Record<string, string>> {
  if (trace === undefined) return {};
  const { traceId, spanId, isSampled, traceState } = trace;
  return {
    'x-amzn-trace-id': xrayOf(trace),
    ...(spanId !== undefined && { traceparent: traceParentOf(traceId, spanId, isSampled === true) }),
    ...(spanId !== undefined && traceState !== undefined && { tracestate: traceState }),
  };
}

/** Identifiers of zeros are invalid. */
export function isZero(digits: string): boolean {
  return /^0+$/.test(digits);
}

/** Random bytes are drawn together: one call for each id would cost more than the rest of a span. */
const pool = Buffer.alloc(4096);
let poolAt = pool.length;

/** Hexadecimal digits of so many random bytes. */
export function randomId(bytes: 8 | 16): string {
  if (poolAt + bytes > pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const id = pool.toString('hex', poolAt, poolAt + bytes);
  poolAt += bytes;
  return isZero(id) ? randomId(bytes) : id;
}
