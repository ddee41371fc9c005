import type { Clock } from '../support/clock.ts';
import { consoleLimits } from './limits.ts';

/**
 * Runs what lasts as long as its caller may have it: `check` is called again and again, and what it throws ends the run
 * and is thrown. `run` must end when its signal aborts.
 */
export async function whileAllowed(
  clock: Clock,
  signal: AbortSignal,
  check: () => Promise<unknown>,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const refusal: { error?: unknown } = {};
  const next: { cancel?: () => void } = {};
  const look = async (): Promise<void> => {
    try {
      await check();
    } catch (error) {
      refusal.error = error;
      stop.abort();
    }
    if (!stop.signal.aborted) schedule();
  };
  const schedule = (): void => {
    next.cancel = clock.schedule(consoleLimits.sessionCheckMs, () => void look());
  };
  schedule();
  try {
    await run(AbortSignal.any([signal, stop.signal]));
  } finally {
    stop.abort();
    next.cancel?.();
  }
  if (refusal.error !== undefined) throw refusal.error;
}
