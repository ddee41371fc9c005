import type { Config } from '../config.ts';
import type { OtlpSettings, SignalSettings } from '../config/otlp.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { RequestObserver } from '../protocol/observer.ts';
import type { RequestTraces } from '../protocol/trace-context.ts';
import { type Clock, systemClock } from '../support/clock.ts';
import { Egress } from '../support/egress.ts';
import { type HttpPoster, httpPoster } from '../support/http-post.ts';
import type { Lifecycle } from '../support/lifecycle.ts';
import type { Log } from '../support/log.ts';
import type { WorkSpans } from '../support/work-spans.ts';
import { telemetryLimits } from '../telemetry/limits.ts';
import { Exporter } from '../telemetry/otlp/exporter.ts';
import { formOf } from '../telemetry/otlp/form.ts';
import { MetricReader } from '../telemetry/otlp/metric-reader.ts';
import { PutSpans } from '../telemetry/otlp/put-spans.ts';
import { RequestSpans } from '../telemetry/otlp/request-spans.ts';
import { resourceOf } from '../telemetry/otlp/resource.ts';
import { Sampler } from '../telemetry/otlp/sampler.ts';
import type { Span } from '../telemetry/otlp/span.ts';
import { SpanQueue } from '../telemetry/otlp/span-queue.ts';
import { processMetrics } from '../telemetry/process-metrics.ts';
import { workSpans } from '../telemetry/otlp/work-spans.ts';
import type { ServerHealth } from './health.ts';
import { healthMetrics } from './metrics.ts';

interface TelemetryContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricRegistry;
}

/** The export of metrics and traces to OpenTelemetry collectors. */
export class Telemetry {
  /** Undefined if no traces are exported: then requests are not observed. */
  readonly observer: (RequestObserver & RequestTraces) | undefined;
  readonly #context: TelemetryContext;
  readonly #resource: ReturnType<typeof resourceOf>;
  readonly #posters: HttpPoster[] = [];
  readonly #exporters: Exporter[] = [];
  readonly #parts: { close(stop: AbortSignal): Promise<void> }[] = [];
  #spans: WorkSpans | undefined;
  #health: (() => Promise<ServerHealth>) | undefined;

  constructor({ resource, metrics, traces }: OtlpSettings, context: TelemetryContext) {
    this.#context = context;
    this.#resource = resourceOf(resource);
    if (metrics !== undefined) this.#exportMetrics(metrics);
    this.observer = traces && this.#exportTraces(traces);
  }

  /** Undefined if no traces are exported. */
  get spans(): WorkSpans | undefined {
    return this.#spans;
  }

  /** From now on, the metrics say whether the server is ready. */
  attach(health: () => Promise<ServerHealth>): void {
    this.#health = health;
  }

  /** For `/health`. */
  warnings(): string[] {
    return this.#exporters.flatMap(({ warning }) => warning ?? []);
  }

  /** Exports what waits, for a limited time. */
  async close(): Promise<void> {
    const stop = AbortSignal.timeout(telemetryLimits.otlpFlushMs);
    await Promise.all(this.#parts.map((part) => part.close(stop)));
    for (const poster of this.#posters) poster.close();
  }

  #exportMetrics(settings: NonNullable<OtlpSettings['metrics']>): void {
    const { metrics: registry, clock, log } = this.#context;
    const { intervalMs, exportTimeoutMs: timeoutMs } = settings;
    const common = { ...this.#exporter(settings, 'metrics'), intervalMs, timeoutMs };
    const own = async () => [
      ...(await processMetrics()),
      ...(this.#health === undefined ? [] : healthMetrics(await this.#health())),
    ];
    this.#parts.push(new MetricReader({ ...common, registry, own, clock, log }));
  }

  #exportTraces(settings: NonNullable<OtlpSettings['traces']>): RequestSpans {
    const { metrics, clock } = this.#context;
    const { exportTimeoutMs: timeoutMs, propagators, sampler } = settings;
    const common = { ...settings, ...this.#exporter(settings, 'spans'), timeoutMs };
    const queue = new SpanQueue({ ...common, clock, metrics });
    this.#parts.push(queue);
    const parts = {
      puts: new PutSpans(),
      sampler: new Sampler(sampler),
      add: (span: Span) => queue.add(span),
    };
    this.#spans = workSpans(parts);
    return new RequestSpans({ ...parts, propagators });
  }

  #exporter(settings: SignalSettings, what: 'metrics' | 'spans') {
    const { clock, log } = this.#context;
    const { timeoutMs, tls } = settings;
    const poster = httpPoster(toCollector(settings.url), {
      timeoutMs,
      tls,
      socketsMax: telemetryLimits.otlpConnectionsMax,
      responseBytesMax: telemetryLimits.otlpAnswerBytesMax,
    });
    const form = formOf(settings.protocol);
    const exporter = new Exporter({ ...settings, form, post: poster.post, clock, log, what });
    this.#posters.push(poster);
    this.#exporters.push(exporter);
    return { exporter, form, resource: this.#resource };
  }
}

/** Undefined if nothing is exported. */
export function openTelemetry(
  { otlp }: Config,
  context: Omit<TelemetryContext, 'clock'>,
  lifecycle: Lifecycle,
): Telemetry | undefined {
  return otlp && lifecycle.called(new Telemetry(otlp, { ...context, clock: systemClock }));
}

/** The operator of the server has named the collector: it may be anywhere. */
function toCollector(url: string): Egress {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  return new Egress({
    allowed: [{ host, prefix: undefined, port: undefined }],
    ownPort: () => undefined,
    refuseLoopback: false,
  });
}
