export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * Returns the pause after failure number `attempt` (the first is 1). It doubles with each attempt, up to a maximum.
 */
export function backoffMs({ firstMs, mostMs }: Backoff, attempt: number): number {
  return Math.min(firstMs * 2 ** (attempt - 1), mostMs);
}
