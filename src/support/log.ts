import { pino } from 'pino';
import { PinoPretty } from 'pino-pretty';

/** What goes wrong or changes while the server runs, on standard error. What the user asked to see goes to standard output. */
export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

export function createLog(options: { readonly format: 'text' | 'json'; readonly level: string }): Log {
  const destination =
    options.format === 'json'
      ? pino.destination({ dest: 2, sync: true })
      : PinoPretty({
          destination: 2,
          sync: true,
          ignore: 'pid,hostname',
          translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
        });
  return pino({ level: options.level }, destination);
}

export const silentLog: Log = pino({ level: 'silent' });
