import { getSystemErrorMessage } from 'node:util';

/** Returns whether an error is a system error with one of these codes: `ENOENT`, `EADDRINUSE`, ... */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'disk quota exceeded',
  EISDIR: 'it is a directory',
  EMFILE: 'the process has too many open files',
  ENFILE: 'the system has too many open files',
  ENOENT: 'no such file or directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
};

/** Why the system refused, in words for a user: without its code and the name of the call. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reason = reasons[code];
  if (reason !== undefined) return reason;
  if (!('errno' in error) || typeof error.errno !== 'number' || !('syscall' in error)) return error.message;
  return getSystemErrorMessage(error.errno);
}

/** The same, with the path of the file unless `said` contains it. */
export function reasonAndPath(error: unknown, said = ''): string {
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : '';
  const reason = reasonOf(error);
  return path === '' || said.includes(path) || reason.includes(path) ? reason : `${reason} (${path})`;
}
