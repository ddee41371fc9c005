const RETRIES_MAX = 100_014;
const DELAY_MS_MAX = 20_000;

/**
 * The retries of deliveries to other services: 3 immediate ones, 2 after one second, 10 after 1 to 20 seconds, 100,000
 * every 20 seconds: 23 days, as on AWS.
 */
export function retryDelayMs(retry: number): number | undefined {
  if (retry > RETRIES_MAX) return undefined;
  if (retry <= 2) return 0;
  if (retry <= 4) return 1_000;
  return Math.min(1_000 * 1.4 ** (retry - 5), DELAY_MS_MAX);
}
