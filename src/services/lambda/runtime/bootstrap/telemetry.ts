import { writeSync } from 'node:fs';
import { format } from 'node:util';
import { failureForLog, failureOf } from './failure.ts';

/**
 * Lambda's telemetry pipe: each console call is one frame, so that a message of several lines stays one log event.
 * AWS's runtime clients use the same framing on the descriptor named in `_LAMBDA_TELEMETRY_LOG_FD`: a type (whose
 * second byte says that text follows), the length of the text, its time in microseconds, the text.
 */
const FRAME_TYPE = 0xa55a0003;
const HEADER_BYTES = 16;

/** Of LogFormat JSON, from the most detailed to the least. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

let requestId: string | undefined;

/** Sets the invocation that console messages belong to from now on. */
export function logAs(invocation: string): void {
  requestId = invocation;
}

/** Makes `console` write Lambda's line format, or one JSON object a call when the function's LogFormat is JSON. */
export function redirectConsole(descriptor: number): void {
  const { AWS_LAMBDA_LOG_LEVEL: least = 'TRACE' } = process.env;
  const line = isJson() ? jsonLine : textLine;
  const to = (level: string) =>
    isJson() && LEVELS.indexOf(level) < LEVELS.indexOf(least) ? nothing : write(level);
  const write =
    (level: string) =>
    (...values: unknown[]) => {
      const nowMs = Date.now();
      writeFrame(descriptor, nowMs, line(new Date(nowMs).toISOString(), level, values));
    };
  const trace = to('TRACE');
  Object.assign(console, {
    log: to('INFO'),
    info: to('INFO'),
    debug: to('DEBUG'),
    warn: to('WARN'),
    error: to('ERROR'),
    fatal: to('FATAL'),
    trace: (...values: unknown[]) =>
      trace(new Error(format(...values)).stack?.replace(/^Error/, 'Trace') ?? ''),
  });
}

/** Logs why a handler failed. */
export function logFailure(what: string, thrown: unknown): void {
  if (isJson()) console.error(what, thrown);
  else console.error(`${what} \t${failureForLog(thrown)}`);
}

function isJson(): boolean {
  return process.env['AWS_LAMBDA_LOG_FORMAT'] === 'JSON';
}

function nothing(): void {}

/** Time, request, level and message, separated by tabs. */
function textLine(time: string, level: string, values: readonly unknown[]): string {
  return `${time}\t${requestId}\t${level}\t${format(...values)}`;
}

/** A single value stays what it is; the first error among several ones is described beside their text. */
function jsonLine(timestamp: string, level: string, values: readonly unknown[]): string {
  const common = { timestamp, level, requestId };
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...common, message: values[0] }, (_, value: unknown) =>
        value instanceof Error ? Object.assign(described(value), value) : value,
      );
    } catch {
      return JSON.stringify({ ...common, message: format(values[0]) });
    }
  }
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify({
    ...common,
    message: format(...values),
    ...(error === undefined ? {} : described(error)),
  });
}

function described(error: Error): object {
  const { errorMessage, trace } = failureOf(error);
  return { errorType: error.constructor.name, errorMessage, stackTrace: trace };
}

function writeFrame(descriptor: number, nowMs: number, line: string): void {
  const text = Buffer.from(line);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + text.length);
  frame.writeUInt32BE(FRAME_TYPE, 0);
  frame.writeUInt32BE(text.length, 4);
  frame.writeBigUInt64BE(BigInt(nowMs) * 1000n, 8);
  text.copy(frame, HEADER_BYTES);
  for (let written = 0; written < frame.length;) written += writePart(descriptor, frame, written);
}

/** The pipe may be non-blocking and full. Then the reader is slower than the handler, and the handler has to wait. */
function writePart(descriptor: number, frame: Buffer, from: number): number {
  try {
    return writeSync(descriptor, frame, from);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    return 0;
  }
}
