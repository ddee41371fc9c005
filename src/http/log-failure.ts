import type { Log } from '../support/log.ts';
import { UnreachableError } from './forwarder.ts';

/** Logs why a request could not be answered. Another server that dies in the middle of its answer is no error of this one. */
export function logFailure(log: Log, error: unknown): void {
  if (error instanceof UnreachableError) log.debug({ err: error }, 'the answer of another server broke off');
  else log.error({ err: error }, 'a request could not be answered');
}
