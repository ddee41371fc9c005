import type { AnsweredRequest, RequestObserver } from '../../protocol/observer.ts';
import { telemetryLimits } from '../limits.ts';
import type { PutSpans } from './put-spans.ts';
import type { Sampler } from './sampler.ts';
import type { Span, SpanContext } from './span.ts';
import type { HttpRequest } from '../../http/message.ts';
import { parentOf, type Propagator, type RequestTraces } from '../../protocol/trace-context.ts';
import { randomId, type TraceContext } from '../../support/trace-context.ts';

export interface RequestSpansOptions {
  readonly sampler: Sampler;
  readonly propagators: readonly Propagator[];
  readonly puts: PutSpans;
  readonly add: (span: Span) => void;
}

/**
 * A span for each API request that is sampled, by the semantic conventions for the AWS SDK and HTTP. nagare's own paths
 * have none.
 */
export class RequestSpans implements RequestObserver, RequestTraces {
  readonly isWatching = true;
  readonly #options: RequestSpansOptions;
  /** Of requests that were asked for before they were answered. */
  readonly #decided = new WeakMap<HttpRequest, Decision>();

  constructor(options: RequestSpansOptions) {
    this.#options = options;
  }

  of(request: HttpRequest): TraceContext | undefined {
    const decision = this.#decide(request);
    this.#decided.set(request, decision);
    const { parent, context } = decision;
    return context ?? (parent && { ...parent, isSampled: false });
  }

  #decide({ headers }: HttpRequest): Decision {
    const { sampler, propagators } = this.#options;
    const parent = parentOf(headers, propagators);
    const traceId = sampler.sample(parent);
    if (traceId === undefined) return { parent, context: undefined };
    const { traceState } = parent ?? {};
    return { parent, context: { traceId, spanId: randomId(8), isSampled: true, traceState } };
  }

  answered(answered: AnsweredRequest): void {
    const { request, outcome } = answered;
    if (outcome === undefined) return;
    const { puts, add } = this.#options;
    const { parent, context } = this.#decided.get(request) ?? this.#decide(request);
    if (context === undefined) return;
    const endMs = performance.timeOrigin + performance.now();
    puts.remember(answered, context);
    const { traceId, spanId, traceState } = context;
    const startMs = endMs - answered.durationMs;
    const ids = { traceId, spanId, parentSpanId: parent?.spanId, traceState };
    add({ ...ids, startMs, endMs, kind: 'server', ...described(answered) });
  }
}

interface Decision {
  readonly parent: TraceContext | undefined;
  /** Undefined if the request is not recorded. */
  readonly context: (TraceContext & SpanContext) | undefined;
}

type Description = Pick<Span, 'name' | 'attributes' | 'failure'>;

function described({ request, response, peer, outcome }: AnsweredRequest): Description {
  const { method, headers } = request;
  const { service, operation, ids, error, input } = outcome ?? {};
  const serviceId = service?.model.metadata.serviceId;
  const { status } = response;
  return {
    name: operation === undefined ? method : `${serviceId}/${operation}`,
    attributes: {
      'rpc.system': 'aws-api',
      'rpc.service': serviceId,
      'rpc.method': operation,
      'http.request.method': method,
      'http.response.status_code': status,
      'url.scheme': request.secure ? 'https' : 'http',
      'network.protocol.version': request.httpVersion,
      'client.address': peer.address || undefined,
      'user_agent.original': clipped(headers['user-agent']),
      'aws.request_id': ids?.requestId,
      'error.type': error?.code ?? (status >= 500 ? String(status) : undefined),
      ...resourceOf(input),
    },
    // A server's span has not failed when the caller was wrong.
    failure: status >= 500 ? (error?.code ?? String(status)) : undefined,
  };
}

/** Members of inputs that name what a request is about, by the attribute that has it. */
const NAMES = {
  StreamName: 'aws.kinesis.stream_name',
  Bucket: 'aws.s3.bucket',
  Key: 'aws.s3.key',
  QueueUrl: 'aws.sqs.queue.url',
  TopicArn: 'aws.sns.topic.arn',
  FunctionName: 'faas.invoked_name',
} as const;

function resourceOf(input: object | undefined): Record<string, string | undefined> {
  if (input === undefined) return {};
  return Object.fromEntries(
    Object.entries(NAMES).flatMap(([member, attribute]) => {
      const value: unknown = Reflect.get(input, member);
      return typeof value === 'string' ? [[attribute, clipped(value)]] : [];
    }),
  );
}

function clipped(value: string | undefined): string | undefined {
  return value?.slice(0, telemetryLimits.spanValueCharactersMax);
}
