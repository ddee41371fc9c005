import { AssertionError } from 'node:assert';
import type { Log } from '../support/log.ts';
import { TransitionLog } from '../support/transition-log.ts';
import { AlreadyLoggedError } from './batch.ts';

/**
 * Logs failures of a consumer's target: one line when it starts to fail, another when the reason changes or it has
 * recovered, regardless of the number of attempts in between.
 */
export class FailureLog {
  readonly #consumer: string;
  readonly #log: Log;
  readonly #reported = new TransitionLog();

  /** `consumer` is a description for users: `the list log orders`. */
  constructor(consumer: string, log: Log) {
    this.#consumer = consumer;
    this.#log = log;
  }

  /** Runs `attempt`. A failure is logged and thrown as AlreadyLoggedError. */
  async watch<Result>(attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await attempt();
    } catch (error) {
      throw this.#tell(error);
    }
  }

  /** The target was reached. */
  cleared(): void {
    if (this.#reported.cleared()) this.#log.info(`${this.#consumer} has recovered`);
  }

  #tell(error: unknown): AlreadyLoggedError {
    if (error instanceof AlreadyLoggedError) return error;
    const reason = reasonOf(error);
    if (this.#reported.changed(reason)) {
      const line = `${this.#consumer} failed; retrying: ${reason}`;
      if (isFault(error)) this.#log.error({ err: error }, line);
      else this.#log.warn(line);
    }
    return new AlreadyLoggedError(reason, { cause: error });
  }
}

/** An address with several IP addresses that all refuse yields an error without a message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}

/** Whether the error is a bug: only then is the stack worth logging. */
function isFault(error: unknown): boolean {
  if (error instanceof AssertionError) return true;
  const isOfLanguage =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  // Node's own errors have a code, for instance for an invalid endpoint URL.
  return isOfLanguage && !('code' in error);
}
