import { createRequire } from 'node:module';
import { pino } from 'pino';
import type * as Pretty from 'pino-pretty';

/** What goes wrong or changes while the server runs, on standard error. What the user asked to see goes to standard output. */
export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

export function createLog(options: { readonly format: 'text' | 'json'; readonly level: string }): Log {
  const destination =
    options.format === 'json' ? pino.destination({ dest: 2, sync: true }) : textDestination();
  return pino({ level: options.level }, destination);
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
