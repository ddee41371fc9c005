import { sleep, type Clock } from '../../support/clock.ts';
import { sharedLimits } from './limits.ts';
import type { Patience } from './patience.ts';
import type { SharedLog } from './shared-log.ts';

/** Waits until a standby has what the log has, or until no more comes. Rejects when the store does not answer. */
export async function catchUp(
  { tickMs }: Pick<Patience, 'tickMs'>,
  follower: {
    readonly log: Pick<SharedLog, 'bounds'>;
    readonly timers: Clock;
    readonly framesSeen: () => number;
    readonly position: () => number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { log, timers, framesSeen, position } = follower;
  for (let idleMs = 0; idleMs < sharedLimits.promoteIdleMs; idleMs += tickMs) {
    if (position() >= (await log.bounds()).next - 1) return;
    const seen = framesSeen();
    await sleep(timers, tickMs, signal);
    if (signal.aborted) return;
    if (framesSeen() !== seen) idleMs = 0;
  }
}
