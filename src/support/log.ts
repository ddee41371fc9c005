import { createRequire } from 'node:module';
import { pino } from 'pino';
import type * as Pretty from 'pino-pretty';

/** What goes wrong or changes while the server runs, on standard error. What the user asked to see goes to standard output. */
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

/** An error goes under `err`, the one name whose message and stack are printed. */
export interface LogFields {
  readonly err?: unknown;
  readonly error?: never;
  readonly [name: string]: unknown;
}

export function createLog(options: { readonly format: 'text' | 'json'; readonly level: string }): Log {
  const destination =
    options.format === 'json' ? pino.destination({ dest: 2, sync: true }) : textDestination();
  return logTo(destination, options.level);
}

/** A log of JSON lines, each written to the destination at once. */
export function logTo(destination: pino.DestinationStream, level: string): Log {
  return pino({ level, serializers: { err: errorFields } }, destination);
}

/** What is thrown need not be an error: pino would print an object without a message for it. */
function errorFields(thrown: unknown): object {
  return pino.stdSerializers.err(thrown instanceof Error ? thrown : new Error(String(thrown)));
}

/** Loaded with the first line: a server that starts well has nothing to say, and starts sooner without it. */
function textDestination(): pino.DestinationStream {
  let stream: Pretty.PrettyStream | undefined;
  return {
    write(line) {
      stream ??= openText();
      stream.write(line);
    },
  };
}

function openText(): Pretty.PrettyStream {
  // What is loaded by name at run time has no type of its own.
  const { PinoPretty } = createRequire(import.meta.url)('pino-pretty') as typeof Pretty;
  return PinoPretty({
    destination: 2,
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  });
}

export const silentLog: Log = pino({ level: 'silent' });
