import type { MetricRegistry, MetricSamples } from '../../metrics.ts';
import type { Clock } from '../../support/clock.ts';
import { Turn } from '../turn.ts';
import type { Exporter } from './exporter.ts';
import type { Form } from './form.ts';
import type { Encoded, Message } from './messages.ts';
import { scope } from './resource.ts';
import { type Span, spanMessage } from './span.ts';

export interface SpanQueueOptions {
  readonly exporter: Exporter;
  readonly form: Form;
  readonly resource: Message;
  readonly spansMax: number;
  readonly batchSpansMax: number;
  /** How long a span waits for others. */
  readonly delayMs: number;
  /** Of a batch. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
}

/** Spans on their way to a collector. Requests never wait for them: what finds no room is dropped and counted. */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  readonly #exported: MetricSamples;
  readonly #dropped: MetricSamples;
  readonly #closing = new AbortController();
  #waiting: Span[] = [];
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#exported = metrics.metric('Nagare/Telemetry', 'ExportedSpans', 'Count');
    this.#dropped = metrics.metric('Nagare/Telemetry', 'DroppedSpans', 'Count');
  }

  add(span: Span): void {
    const { spansMax, batchSpansMax, delayMs, clock } = this.#options;
    if (this.#waiting.length >= spansMax || this.#closing.signal.aborted) return this.#dropped.add(1);
    this.#waiting.push(span);
    if (this.#waiting.length >= batchSpansMax) this.#start();
    else this.#cancelTimer ??= clock.schedule(delayMs, () => this.#start());
  }

  /** Exports what waits, until `stop` aborts. */
  async close(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => this.#closing.abort(), { once: true });
    await this.#running;
    this.#start();
    await this.#running;
    this.#closing.abort();
    this.#dropped.add(this.#waiting.length);
    this.#waiting = [];
  }

  #start(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // What came while the last batch was exported.
      const { clock, delayMs } = this.#options;
      if (this.#waiting.length > 0) this.#cancelTimer ??= clock.schedule(delayMs, () => this.#start());
    });
  }

  /** Also what arrives meanwhile, if it fills batches. */
  async #run(): Promise<void> {
    const { batchSpansMax } = this.#options;
    do {
      const batch = this.#waiting.splice(0, batchSpansMax);
      const rejected = await this.#export(batch);
      if (rejected === undefined) this.#dropped.add(batch.length);
      else {
        this.#exported.add(batch.length - rejected);
        if (rejected > 0) this.#dropped.add(rejected);
      }
    } while (this.#waiting.length >= batchSpansMax && !this.#closing.signal.aborted);
  }

  async #export(batch: readonly Span[]): Promise<number | undefined> {
    if (batch.length === 0) return 0;
    const { form, resource, exporter, timeoutMs } = this.#options;
    const turn = new Turn();
    const spans: Encoded[] = [];
    for (const span of batch) {
      spans.push(form.encode('Span', spanMessage(span)));
      if (turn.isOver()) await turn.next();
    }
    const scopeSpans = [{ scope: scope(), spans }];
    const { content } = form.encode('TracesData', { resourceSpans: [{ resource, scopeSpans }] });
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
    return exporter.send(Buffer.from(content), signal);
  }
}
