import { NotOwnerError } from '../engine/engine.ts';
import type { Log, LogFields } from '../support/log.ts';

/**
 * The log of services that run while this machine owns the shared log. What they cannot store after another machine has
 * taken over is no error: that machine goes on with it.
 */
export function ownerLog(log: Log): Log {
  const unlessDeposed = (level: 'warn' | 'error'): Log['error'] => {
    return (fields: LogFields | string, message?: string): void => {
      if (typeof fields === 'string') log[level](fields);
      else log[fields.err instanceof NotOwnerError ? 'debug' : level](fields, message ?? '');
    };
  };
  return {
    debug: log.debug.bind(log),
    info: log.info.bind(log),
    warn: unlessDeposed('warn'),
    error: unlessDeposed('error'),
  };
}
