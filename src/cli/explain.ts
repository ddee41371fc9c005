import { DamagedDataError, UserError } from '../errors.ts';
import { reasonAndPath } from '../support/errno.ts';
import { CommandError } from './terminal.ts';

/** Returns the message for an error that the user can fix; undefined for a bug, which keeps its stack. */
export function explain(error: unknown): string | undefined {
  return error instanceof UserError || error instanceof DamagedDataError ? error.message : undefined;
}

/** An error of the system as Node gives it: of which call, and why. Codes are many, and none is left out here. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

/** The system's error in an error, or behind it; undefined when there is none. */
export function systemErrorOf(error: unknown): SystemError | undefined {
  if (!(error instanceof Error)) return undefined;
  return isSystemError(error) ? error : systemErrorOf(error.cause);
}

function isSystemError(error: Error): error is SystemError {
  return 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

/** What the system refused becomes a line for the user, which begins with what could not be done. */
export function explained(error: unknown, what: string): unknown {
  const refusal = systemErrorOf(error);
  if (refusal === undefined || error instanceof UserError) return error;
  return new CommandError(`${what}: ${reasonAndPath(refusal, what)}`);
}

/** The same of an error that came of using the data folder. */
export function unusableFolder(error: unknown, dataDir: string): unknown {
  return explained(error, `the data folder ${dataDir} cannot be used`);
}
