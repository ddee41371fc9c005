import { randomId, type TraceContext } from '../../support/trace-context.ts';
import {
  commonTrace,
  type RecordsWork,
  type SpanAttributes,
  type Work,
  type WorkSpan,
  type WorkSpans,
} from '../../support/work-spans.ts';
import { telemetryLimits } from '../limits.ts';
import type { PutSpans } from './put-spans.ts';
import type { Sampler } from './sampler.ts';
import type { Span } from './span.ts';

export interface WorkSpansOptions {
  readonly puts: PutSpans;
  readonly sampler: Sampler;
  readonly add: (span: Span) => void;
}

/**
 * Spans of the server's own work. Work continues the trace of what causes it. Where that are several traces, the work has
 * one of its own, with links to them.
 */
export function workSpans({ puts, sampler, add }: WorkSpansOptions): WorkSpans {
  return {
    async beginOnRecords(work) {
      // A reader that waits for records gets them before their put is answered, in the same turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      const stream = nameIn(work.streamArn);
      const causes = puts.of(stream, work.shardId, work.records);
      if (causes.length === 0) return undefined;
      const span = begun({ name: `process ${stream}`, kind: 'consumer' }, causes, add);
      const attributes = attributesOf(work, stream);
      return { ...span, end: (more, failure) => span.end({ ...attributes, ...more }, failure) };
    },
    begin(work) {
      const recorded = recordedIn(work.causes, sampler);
      if (recorded.length > 0) return begun(work, recorded, add);
      const trace = commonTrace(work.causes);
      return trace && { trace: { ...trace, isSampled: false }, end: () => {} };
    },
    newTrace() {
      const traceId = sampler.sample(undefined);
      return traceId === undefined ? undefined : { traceId, spanId: undefined, isSampled: true };
    },
  };
}

/** Each span once, and no more than a span may have links. */
function recordedIn(causes: readonly TraceContext[], sampler: Sampler): readonly TraceContext[] {
  const found = new Map<string, TraceContext>();
  for (const cause of causes) {
    if (sampler.sample(cause) === undefined) continue;
    found.set(`${cause.traceId}${cause.spanId}`, cause);
    if (found.size === telemetryLimits.spanLinksMax) break;
  }
  return [...found.values()];
}

function begun(
  { name, kind }: Pick<Work, 'name' | 'kind'>,
  causes: readonly TraceContext[],
  add: (span: Span) => void,
): WorkSpan {
  const startMs = performance.timeOrigin + performance.now();
  const parent = commonTrace(causes);
  const context = { traceId: parent?.traceId ?? randomId(16), spanId: randomId(8) };
  const { spanId: parentSpanId, traceState } = parent ?? {};
  const links = kind === 'consumer' ? causes.flatMap(linkTo) : [];
  return {
    trace: { ...context, isSampled: true, traceState },
    end: (attributes, failure) =>
      add({
        ...context,
        parentSpanId,
        traceState,
        name,
        kind,
        startMs,
        endMs: performance.timeOrigin + performance.now(),
        attributes,
        links,
        failure,
      }),
  };
}

function linkTo({ traceId, spanId }: TraceContext): NonNullable<Span['links']> {
  return spanId === undefined ? [] : [{ traceId, spanId }];
}

/** By the semantic conventions for messaging. */
function attributesOf({ streamArn, shardId, records }: RecordsWork, stream: string): SpanAttributes {
  const [, , service] = streamArn.split(':');
  return {
    'messaging.system': `aws.${service}`,
    'messaging.operation.type': 'process',
    'messaging.destination.name': stream,
    'messaging.destination.partition.id': shardId,
    'messaging.batch.message_count': records.length,
  };
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
