import { snapshotLimits } from './limits.ts';
import type { Snapshot } from './manifest.ts';

export interface RetentionSettings {
  /** Complete snapshots that are kept at least. */
  readonly keptMin: number;
  /** How far back in time a data folder can be restored: the snapshots and the log for it are kept. */
  readonly retentionMs: number;
}

/**
 * The snapshots to keep, of complete ones, newest first: the newest ones, some within the retention, and the newest
 * before it, from which the log leads to any time in it. `nowMs` is a time in the log, as the snapshots have it.
 */
export function keptOf(
  newestFirst: readonly Snapshot[],
  { keptMin, retentionMs }: RetentionSettings,
  nowMs: number,
): Snapshot[] {
  const kept = new Set(newestFirst.slice(0, Math.max(1, keptMin)));
  const begin = nowMs - retentionMs;
  const stepMs = retentionMs / snapshotLimits.keptInRetention;
  let lastMs = -Infinity;
  // From the oldest that is needed on: the choice stays the same when newer ones come.
  const base = newestFirst.findIndex(({ place }) => place.timeMs <= begin);
  const needed = base === -1 ? newestFirst : newestFirst.slice(0, base + 1);
  for (const snapshot of needed.toReversed()) {
    if (snapshot.place.timeMs - lastMs < stepMs) continue;
    kept.add(snapshot);
    lastMs = snapshot.place.timeMs;
  }
  return newestFirst.filter((snapshot) => kept.has(snapshot));
}
