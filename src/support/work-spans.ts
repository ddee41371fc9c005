import type { TraceContext } from './trace-context.ts';

/** Traces of the work that the server does by itself, after the requests that have caused it were answered. */
export interface WorkSpans {
  /**
   * Work with records. It has a span only if the put of one of them is recorded, so that everything else costs a
   * lookup, and a turn of the event loop where traces are recorded.
   */
  beginOnRecords(work: RecordsWork): Promise<WorkSpan | undefined>;
  /** Other work. Undefined if it belongs to no trace, or to several of which none is recorded. */
  begin(work: Work): WorkSpan | undefined;
  /** The trace of what nothing causes but the server; undefined if it is not recorded. */
  newTrace(): TraceContext | undefined;
}

export interface RecordsWork {
  /** Of a stream, or of the delivery stream that the records were put into. */
  readonly streamArn: string;
  readonly shardId: string;
  readonly records: readonly { readonly sequenceNumber: string }[];
}

export interface Work {
  /** `send orders` */
  readonly name: string;
  /** Consumers have links to all that they process together. */
  readonly kind: 'consumer' | 'producer' | 'client';
  /** What the messages or events carry that cause it. */
  readonly causes: readonly TraceContext[];
}

export type SpanAttributes = Readonly<Record<string, string | number | undefined>>;

export interface WorkSpan {
  /** For what is called meanwhile. */
  readonly trace: TraceContext;
  /** `failure`: why it failed; undefined if it succeeded. A span that is not ended is not recorded. */
  end(attributes: SpanAttributes, failure: string | undefined): void;
}

/** For a server that records no traces: work passes on the trace of what causes it. */
export const unrecordedWork: WorkSpans = {
  beginOnRecords: () => Promise.resolve(undefined),
  begin({ causes }) {
    const trace = commonTrace(causes);
    return trace && { trace, end: () => {} };
  },
  newTrace: () => undefined,
};

/** The first of the causes, if all belong to one trace. */
export function commonTrace(causes: readonly TraceContext[]): TraceContext | undefined {
  const [first] = causes;
  return causes.every(({ traceId }) => traceId === first?.traceId) ? first : undefined;
}
