import type { Clock } from '../../../support/clock.ts';
import type { InvocationOutcome } from './outcome.ts';
import type { LogSink } from './output.ts';

/** The part of the log that Lambda returns with an invocation that asks for it. */
const TAIL_BYTES = 4096;

/**
 * The log of one process: its output, between the lines that mark an invocation on Lambda. Keeps the last 4 KB of the
 * current invocation; for the first one this includes the output of loading the handler.
 */
export class InvocationLog {
  readonly #clock: Clock;
  readonly #sink: LogSink;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #ended = false;

  constructor(clock: Clock, sink: LogSink) {
    this.#clock = clock;
    this.#sink = sink;
  }

  /** False when the sink is full, as in LogSink.append. */
  write(message: string): boolean {
    this.#remember(Buffer.from(`${message}\n`));
    return this.#sink.append(this.#clock.now(), message);
  }

  drained(): Promise<void> {
    return this.#sink.drained();
  }

  begin(requestId: string): void {
    if (this.#ended) {
      this.#tail = [];
      this.#tailBytes = 0;
    }
    this.write(`START RequestId: ${requestId} Version: $LATEST`);
  }

  end(requestId: string, outcome: InvocationOutcome, info: InvocationReport): void {
    if (outcome.failure?.status === 'timeout') {
      const time = new Date(this.#clock.now()).toISOString();
      this.write(`${time} ${requestId} Task timed out after ${(info.timeoutMs / 1000).toFixed(2)} seconds`);
    }
    this.write(`END RequestId: ${requestId}`);
    this.write(report(requestId, outcome, info));
    this.#ended = true;
  }

  get tail(): Buffer {
    const all = Buffer.concat(this.#tail);
    return all.subarray(Math.max(all.length - TAIL_BYTES, 0));
  }

  #remember(line: Buffer): void {
    const kept = line.length > TAIL_BYTES ? line.subarray(line.length - TAIL_BYTES) : line;
    this.#tail.push(kept);
    this.#tailBytes += kept.length;
    for (let first = this.#tail[0]; first !== undefined && this.#tailBytes - first.length >= TAIL_BYTES;) {
      this.#tailBytes -= first.length;
      this.#tail.shift();
      first = this.#tail[0];
    }
  }
}

export interface InvocationReport {
  readonly durationMs: number;
  readonly timeoutMs: number;
  readonly memoryMegabytes: number;
  /** Undefined where the system does not report it. */
  readonly memoryUsedMegabytes: number | undefined;
  /** For the invocation that started the process. */
  readonly initMs: number | undefined;
}

function report(requestId: string, outcome: InvocationOutcome, info: InvocationReport): string {
  const parts = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${info.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(info.durationMs + (info.initMs ?? 0))} ms`,
    `Memory Size: ${info.memoryMegabytes} MB`,
  ];
  if (info.memoryUsedMegabytes !== undefined) parts.push(`Max Memory Used: ${info.memoryUsedMegabytes} MB`);
  if (info.initMs !== undefined) parts.push(`Init Duration: ${info.initMs.toFixed(2)} ms`);
  const { failure } = outcome;
  if (failure !== undefined) parts.push(`Status: ${failure.status}`);
  if (failure?.status === 'error') parts.push(`Error Type: ${failure.type}`);
  return `${parts.join('\t')}\t`;
}
