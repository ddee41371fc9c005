/** Whether an error is the system's own with this code: `ENOENT`, `EADDRINUSE`, ... */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}
