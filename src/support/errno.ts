/** Returns whether an error is a system error with one of these codes: `ENOENT`, `EADDRINUSE`, ... */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}
