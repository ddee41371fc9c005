import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pino } from 'pino';
import type * as Pretty from 'pino-pretty';

/** The server's log, on standard error. Output that the user asked for goes to standard output. */
export interface Log {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

interface LogMethod {
  (fields: LogFields, message: string): void;
  (message: string): void;
}

/** An error belongs under `err`, the only name for which message and stack are printed. */
export interface LogFields {
  readonly err?: unknown;
  readonly error?: never;
  readonly [name: string]: unknown;
}

export function createLog(options: { readonly format: 'text' | 'json'; readonly level: string }): Log {
  return logTo(options.format === 'json' ? jsonDestination : textDestination, options.level);
}

/** A log of JSON lines, each written to the destination at once. Times are in UTC, as in `2026-01-31T12:00:00.000Z`. */
export function logTo(destination: pino.DestinationStream, level: string): Log {
  const timestamp = pino.stdTimeFunctions.isoTime;
  return pino({ level, timestamp, serializers: { err: errorFields } }, destination);
}

/** A thrown value need not be an Error: pino would print an object without a message for it. */
function errorFields(thrown: unknown): object {
  return pino.stdSerializers.err(thrown instanceof Error ? thrown : new Error(String(thrown)));
}

/**
 * The formatter is loaded with the first line, or by `loadTextFormat`: a server without anything to report starts
 * faster without it. A line that cannot be formatted is written as it is.
 */
const textDestination: pino.DestinationStream = {
  write(line) {
    writeToStderr(formatted(line));
  },
};

function formatted(line: string): string {
  try {
    return textFormat()(line);
  } catch {
    return line;
  }
}

let format: ((line: string) => string) | undefined;

function textFormat(): (line: string) => string {
  if (format !== undefined) return format;
  // A module required at run time has no static type.
  const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as typeof Pretty;
  format = prettyFactory({
    ignore: 'pid,hostname',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l o',
    singleLine: true,
  });
  return format;
}

/** Loads the formatter while file handles are still available. */
export function loadTextFormat(): void {
  textFormat();
}

const jsonDestination: pino.DestinationStream = { write: writeToStderr };

const STDERR = 2;
const BUSY_ATTEMPTS_MAX = 20;
const BUSY_WAIT_MS = 5;

/** Never throws: a failing log must not fail the work. Lines that standard error does not take in time are lost. */
function writeToStderr(text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  for (let busy = 0; written < bytes.length && busy < BUSY_ATTEMPTS_MAX;) {
    try {
      written += writeSync(STDERR, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return;
      busy++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_WAIT_MS);
    }
  }
}

export const silentLog: Log = pino({ level: 'silent' });
