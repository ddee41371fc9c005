import { hasErrorCode } from './support/errno.ts';

/**
 * An error that a caller is told, in AWS's form. Each service's `errors.ts` is its closed catalogue: functions
 * that make these, so that nothing else spells a code. Whatever else is thrown is a fault of ours: the edge
 * answers it as the service's internal error and logs it.
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

/** The disk has no room for what was to be stored; nothing of it is. The edge tells the caller so, in its service's words. */
export class NoSpaceError extends Error {
  override readonly name: string = 'NoSpaceError';
}

/** That, or the system's own error for it: the disk is full, or the user's quota, or the file may not grow any more. */
export function isNoSpace(error: unknown): boolean {
  return error instanceof NoSpaceError || hasErrorCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG');
}

const OUT_OF_HANDLES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ERR_WORKER_INIT_FAILED']);

/**
 * The process, or the whole system, has as many files, sockets and pipes open as it may; a thread that could not be
 * started says no more than that.
 */
export function isOutOfHandles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && OUT_OF_HANDLES.has(error.code)) || isOutOfHandles(error.cause);
}

/**
 * What was asked for is stored, but damaged on disk: it is never served. The message says what is affected, in the
 * caller's terms; the edge answers with it, as the service's internal error. Whoever throws it has logged it.
 */
export class DamagedDataError extends Error {
  override readonly name: string = 'DamagedDataError';
}

/** What the person who runs nagare can mend: told in its own words, without a stack, and the command ends with 1. */
export abstract class UserError extends Error {}

/** A declaration in `nagare.yaml` is wrong in a way that no operation of AWS has an error for; told to its author. */
export class DeclarationError extends Error {
  override readonly name = 'DeclarationError';
}
