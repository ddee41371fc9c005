export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** The pause after the `attempt`th failure (from 1): doubles each time, up to a bound. */
export function backoffMs({ firstMs, mostMs }: Backoff, attempt: number): number {
  return Math.min(firstMs * 2 ** (attempt - 1), mostMs);
}
