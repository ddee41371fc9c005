import { hasErrorCode } from './support/errno.ts';

/**
 * An error for the caller, in AWS's form. Each service's `errors.ts` is its closed catalogue: functions that create
 * these errors, so that no other code spells an error code. Any other error is a bug: the protocol layer answers it as
 * the service's internal error and logs it.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** AWS's own name for it, e.g. `ResourceNotFoundException`. */
  readonly code: string;
  readonly status: number;
  /** Members of the error's shape besides the message, e.g. S3's `Condition` or Lambda's `Type`. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** The disk is full: nothing was stored. The caller gets the service's own error for it. */
export class NoSpaceError extends Error {
  override readonly name: string = 'NoSpaceError';
}

/**
 * Also true for the system's own errors: the disk is full, the user's quota is used up, or the file may not grow.
 */
export function isNoSpace(error: unknown): boolean {
  return error instanceof NoSpaceError || hasErrorCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG');
}

/** Nothing is wrong with the request: it may succeed at another machine, or here later. Nothing is to be repaired. */
export class UnavailableError extends Error {
  override readonly name: string = 'UnavailableError';
}

const OUT_OF_HANDLES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ERR_WORKER_INIT_FAILED']);

/**
 * The process or the system has reached its limit of open files, sockets and pipes. A thread that could not be
 * started for that reason has an error of its own.
 */
export function isOutOfHandles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && OUT_OF_HANDLES.has(error.code)) || isOutOfHandles(error.cause);
}

/**
 * The requested data is stored but damaged; it is never served. The message names what is affected, in the caller's
 * terms, and is sent with the service's internal error. The code that throws it has logged it.
 */
export class DamagedDataError extends Error {
  override readonly name: string = 'DamagedDataError';
}

/** An error that the operator of nagare can fix: printed without a stack, and the command ends with exit code 1. */
export abstract class UserError extends Error {}

/** A declaration in `nagare.yaml` is invalid in a way for which no AWS operation has an error. */
export class DeclarationError extends Error {
  override readonly name = 'DeclarationError';
}

/** Why work failed, without what its message may quote of records: for traces, which leave the machine. */
export function failureName(error: unknown): string {
  if (error instanceof ServiceError) return error.code;
  return error instanceof Error ? error.name : 'Error';
}
