export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * Returns the pause after failure number `attempt` (the first is 1). It doubles with each attempt, up to a maximum.
 */
export function backoffMs({ initialMs, maxMs }: Backoff, attempt: number): number {
  return Math.min(initialMs * 2 ** (attempt - 1), maxMs);
}
