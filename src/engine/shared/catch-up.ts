import { sleep, type Clock } from '../../support/clock.ts';
import { sharedLimits } from './limits.ts';
import type { Patience } from './patience.ts';
import type { SharedLog } from './shared-log.ts';

interface FollowedLog {
  readonly log: Pick<SharedLog, 'bounds'>;
  readonly timers: Clock;
  readonly framesSeen: () => number;
  readonly position: () => number;
}

/**
 * Waits until a standby has what the log has, or until no more comes. Rejects when the store does not answer.
 *
 * The end of the log moves while the owner writes, and one who follows as fast never stands at it. So the standby reads
 * up to where the end was, and again, until that takes no longer than a moment, or not less long than before.
 */
export async function catchUp(
  { tickMs }: Pick<Patience, 'tickMs'>,
  follower: FollowedLog,
  signal: AbortSignal,
): Promise<void> {
  let ticksBefore = Infinity;
  for (;;) {
    const end = (await follower.log.bounds()).next - 1;
    const ticks = await ticksUntil(end, tickMs, follower, signal);
    if (ticks === undefined || ticks <= 1 || ticks >= ticksBefore) return;
    ticksBefore = ticks;
  }
}

/** Undefined if no more comes, or nobody waits any more. */
async function ticksUntil(
  end: number,
  tickMs: number,
  { timers, framesSeen, position }: FollowedLog,
  signal: AbortSignal,
): Promise<number | undefined> {
  let idleMs = 0;
  for (let ticks = 0; ; ticks++) {
    if (position() >= end) return ticks;
    if (idleMs >= sharedLimits.promoteIdleMs) return undefined;
    const seen = framesSeen();
    await sleep(timers, tickMs, signal);
    if (signal.aborted) return undefined;
    idleMs = framesSeen() === seen ? idleMs + tickMs : 0;
  }
}
