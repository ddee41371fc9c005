import { sleep, type Clock } from '../support/clock.ts';
import type { Outlet } from './event-stream.ts';
import { consoleLimits } from './limits.ts';

/** Sends a view again and again until the signal aborts; one that has not changed is not sent. */
export async function refresh(
  clock: Clock,
  outlet: Outlet,
  signal: AbortSignal,
  view: () => object | Promise<object>,
  intervalMs: number = consoleLimits.refreshMs,
): Promise<void> {
  let last = '';
  while (!signal.aborted) {
    const content = await view();
    const text = JSON.stringify(content);
    if (text !== last) await outlet.send(content);
    last = text;
    await sleep(clock, intervalMs, signal);
  }
}
