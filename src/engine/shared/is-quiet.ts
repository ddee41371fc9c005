import { sleep, type Clock } from '../../support/clock.ts';
import type { Patience } from './patience.ts';
import type { SharedLog } from './shared-log.ts';

interface Follower {
  readonly log: Pick<SharedLog, 'bounds'>;
  readonly timers: Clock;
  readonly framesSeen: () => number;
  /** Of the newest frame that was applied. */
  readonly position: () => number;
}

/** Whether the owner is silent, or only the way to the store was closed: then the wait begins again. */
export async function isQuiet(
  patience: Patience,
  { log, timers, framesSeen, position }: Follower,
  signal: AbortSignal,
): Promise<boolean> {
  const seen = framesSeen();
  const before = patience.quietMs;
  const next = await log.bounds().then(
    (bounds) => bounds.next,
    () => undefined,
  );
  if (next === undefined || patience.isLonger(patience.quietMs - before)) {
    patience.hear();
    return false;
  }
  // Perhaps frames are on their way here; void ones never come.
  if (next > position() + 1) await sleep(timers, patience.tickMs * 2, signal);
  return framesSeen() === seen;
}
