import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { backoffMs } from '../../support/backoff.ts';
import { type Clock, sleep } from '../../support/clock.ts';
import { reasonOf } from '../../support/errno.ts';
import type { HttpPost, PostResult } from '../../support/http-post.ts';
import type { Log } from '../../support/log.ts';
import { TransitionLog } from '../../support/transition-log.ts';
import { telemetryLimits } from '../limits.ts';
import { answerOf } from './answer.ts';
import type { Form } from './form.ts';

const compressed = promisify(gzip);

export interface ExporterOptions {
  readonly url: string;
  readonly form: Form;
  readonly compression: 'gzip' | 'none';
  /** Of a request with all its attempts. */
  readonly timeoutMs: number;
  /** Asked before each request: a token may be renewed. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly post: HttpPost;
  readonly clock: Clock;
  readonly log: Log;
  /** For messages. */
  readonly what: 'metrics' | 'spans';
}

/** Other answers are final (opentelemetry.io/docs/specs/otlp/#retryable-response-codes). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

type Attempt =
  | { readonly kind: 'taken'; readonly rejected: number }
  | {
      readonly kind: 'refused' | 'retryable';
      readonly reason: string;
      readonly pauseMs?: number | undefined;
    };

/** Sends requests to a collector. The log says when that begins to fail, and when it works again. */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #transitions = new TransitionLog();
  #failure: string | undefined;

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  /** That the last request was not taken, and why. */
  get warning(): string | undefined {
    return this.#failure && `${this.#options.what} cannot be exported: ${this.#failure}`;
  }

  /** How many of its spans or data points the collector has rejected; undefined if it has not taken the request. */
  async send(request: Uint8Array, stop: AbortSignal): Promise<number | undefined> {
    const { timeoutMs, clock, compression } = this.#options;
    const body = compression === 'gzip' ? await compressed(request) : request;
    const endMs = performance.now() + timeoutMs;
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt(body, signal);
      if (result.kind === 'taken') {
        this.#taken();
        return result.rejected;
      }
      const pauseMs = result.pauseMs ?? jittered(attempt);
      if (result.kind === 'refused' || signal.aborted || performance.now() + pauseMs > endMs) {
        this.#failed(result.reason);
        return undefined;
      }
      await sleep(clock, pauseMs, signal);
    }
  }

  async #attempt(body: Uint8Array, signal: AbortSignal): Promise<Attempt> {
    const { url, form, compression, headers, post, log, what } = this.#options;
    let sent: Record<string, string>;
    try {
      sent = { ...(await headers()), 'content-type': form.contentType };
    } catch (error) {
      return { kind: 'refused', reason: reasonOf(error) };
    }
    if (compression === 'gzip') sent['content-encoding'] = 'gzip';
    const result = await post(url, sent, body, signal);
    if (result === 'interrupted') return { kind: 'retryable', reason: 'there was no answer in time' };
    if ('failure' in result) return { kind: 'retryable', reason: result.failure };
    if (result.status >= 200 && result.status < 300) {
      const { rejected, message } = answerOf(form.contentType, result.body);
      if (rejected > 0) log.warn({ rejected, reason: message }, `the collector has rejected ${what}`);
      return { kind: 'taken', rejected };
    }
    const reason = `the answer is ${result.status}`;
    if (!RETRYABLE.has(result.status)) return { kind: 'refused', reason };
    return { kind: 'retryable', reason, pauseMs: this.#pauseAskedFor(result) };
  }

  #pauseAskedFor({ retryAfter }: Exclude<PostResult, string | { failure: string }>): number | undefined {
    if (retryAfter === undefined) return undefined;
    if (/^\d{1,6}$/.test(retryAfter)) return Number(retryAfter) * 1000;
    const atMs = Date.parse(retryAfter);
    return Number.isNaN(atMs) ? undefined : Math.max(atMs - this.#options.clock.now(), 0);
  }

  #taken(): void {
    this.#failure = undefined;
    if (this.#transitions.cleared()) this.#options.log.info(`${this.#options.what} are exported again`);
  }

  #failed(reason: string): void {
    const { log, url, what } = this.#options;
    this.#failure = reason;
    if (this.#transitions.changed(reason)) log.warn({ url, reason }, `${what} cannot be exported`);
  }
}

function jittered(attempt: number): number {
  const { otlpRetryInitialMs: initialMs, otlpRetryMaxMs: maxMs } = telemetryLimits;
  return backoffMs({ initialMs, maxMs }, attempt) * (0.8 + 0.4 * Math.random());
}
