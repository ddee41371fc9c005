import type { Clock } from '../../../support/clock.ts';
import type { ApplicationLevel } from '../function-logging.ts';
import { isLogged } from './application-level.ts';
import type { InvocationOutcome } from './outcome.ts';
import type { LogSink } from './output.ts';
import type { InvocationReport, PlatformLines } from './platform-lines.ts';

export interface LogFormat {
  readonly lines: PlatformLines;
  /** Output of a lower level is left out; undefined: none is. */
  readonly applicationLevel: ApplicationLevel | undefined;
}

/** The part of the log that Lambda returns with an invocation that asks for it. */
const TAIL_BYTES = 4096;

/**
 * The log of one process: its output, between the lines that mark an invocation on Lambda. Keeps the last 4 KB of the
 * current invocation; for the first one this includes the output of loading the handler.
 */
export class InvocationLog {
  readonly #clock: Clock;
  readonly #sink: LogSink;
  readonly #format: LogFormat;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #ended = false;

  constructor(clock: Clock, sink: LogSink, format: LogFormat) {
    this.#format = format;
    this.#clock = clock;
    this.#sink = sink;
  }

  /** False when the sink is full, as in LogSink.append. */
  write(message: string): boolean {
    this.#remember(Buffer.from(`${message}\n`));
    return this.#sink.append(this.#clock.now(), message);
  }

  /** A line of the standard output, which has its level within. */
  print(line: string): boolean {
    return !isLogged(line, this.#format.applicationLevel) || this.write(line);
  }

  drained(): Promise<void> {
    return this.#sink.drained();
  }

  /** The process starts. */
  start(): void {
    this.#writeAll(this.#format.lines.initStart(this.#clock.now()));
  }

  /** The handler has been loaded, or could not be. */
  loaded(durationMs: number, failure?: InvocationOutcome['failure']): void {
    this.#writeAll(this.#format.lines.initEnd(this.#clock.now(), durationMs, failure));
  }

  begin(requestId: string): void {
    if (this.#ended) {
      this.#tail = [];
      this.#tailBytes = 0;
    }
    this.#writeAll(this.#format.lines.start(this.#clock.now(), requestId));
  }

  end(requestId: string, outcome: InvocationOutcome, info: InvocationReport): void {
    this.#writeAll(this.#format.lines.end(this.#clock.now(), requestId, outcome, info));
    this.#ended = true;
  }

  get tail(): Buffer {
    const all = Buffer.concat(this.#tail);
    return all.subarray(Math.max(all.length - TAIL_BYTES, 0));
  }

  #writeAll(lines: readonly string[]): void {
    for (const line of lines) this.write(line);
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
