import { AssertionError } from 'node:assert';
import type { Log } from '../support/log.ts';
import { TransitionLog } from '../support/transition-log.ts';
import { AlreadyLoggedError } from './batch.ts';

/**
 * What keeps a consumer from what it writes to, in the server's log: one line when it comes, another when it changes
 * or is over, however often it is tried meanwhile.
 */
export class FailureLog {
  readonly #consumer: string;
  readonly #log: Log;
  readonly #told = new TransitionLog();

  /** `consumer` is what its user calls it: `the list log orders`. */
  constructor(consumer: string, log: Log) {
    this.#consumer = consumer;
    this.#log = log;
  }

  /** Gives what `attempt` gives; what it throws is told, and thrown as ToldError. */
  async watch<Result>(attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await attempt();
    } catch (error) {
      throw this.#tell(error);
    }
  }

  /** It was reached. */
  cleared(): void {
    if (this.#told.cleared()) this.#log.info(`${this.#consumer} goes on`);
  }

  #tell(error: unknown): AlreadyLoggedError {
    if (error instanceof AlreadyLoggedError) return error;
    const reason = reasonOf(error);
    if (this.#told.changed(reason)) {
      const line = `${this.#consumer} cannot go on, and tries again until it can: ${reason}`;
      if (isFault(error)) this.#log.error({ err: error }, line);
      else this.#log.warn(line);
    }
    return new AlreadyLoggedError(reason, { cause: error });
  }
}

/** An address with several numbers that all refuse is an error without a message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}

/** A mistake of ours: only these are worth a stack. */
function isFault(error: unknown): boolean {
  if (error instanceof AssertionError) return true;
  const isOfLanguage =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  // Node's own have a code, an endpoint that is no URL for one.
  return isOfLanguage && !('code' in error);
}
