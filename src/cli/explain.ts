import { DamagedDataError, UserError } from '../errors.ts';
import { reasonAndPath } from '../support/errno.ts';
import { CommandError } from './terminal.ts';

/** Returns the message for an error that the user can fix; undefined for a bug, which is printed with its stack. */
export function explain(error: unknown): string | undefined {
  return error instanceof UserError || error instanceof DamagedDataError ? error.message : undefined;
}

/** A system error as Node reports it, with the system call and the reason. Matches every error code. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

/** Finds a system error in an error or its causes; undefined when there is none. */
export function systemErrorOf(error: unknown): SystemError | undefined {
  if (!(error instanceof Error)) return undefined;
  return isSystemError(error) ? error : systemErrorOf(error.cause);
}

function isSystemError(error: Error): error is SystemError {
  return 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

/** What a file of the user's makes of a decompressor: `Z_DATA_ERROR`, `ZSTD_error_prefix_unknown`. */
function isDecompressionError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_)/.test(String(error.code));
}

/** Converts a system error to a message for the user that begins with what failed. */
export function explained(error: unknown, what: string): unknown {
  if (isDecompressionError(error)) return new CommandError(`${what}: ${error.message}`);
  const refusal = systemErrorOf(error);
  if (refusal === undefined || error instanceof UserError) return error;
  return new CommandError(`${what}: ${reasonAndPath(refusal, what)}`);
}

/** Does the same for an error in using the data folder. */
export function unusableFolder(error: unknown, dataDir: string): unknown {
  return explained(error, `cannot use the data folder ${dataDir}`);
}
