import { sleep, type Clock } from '../../../support/clock.ts';
import { checkFirst, OtherLogError } from '../check-first.ts';
import { TrimmedError, type SharedFrame, type SharedLog } from '../shared-log.ts';
import { OtherSnapshotsError } from './errors.ts';
import { snapshotLimits } from './limits.ts';
import type { Snapshot } from './manifest.ts';

/**
 * Checks that the log has the frame at which a snapshot ends, so that it can be followed from there. Returns false if
 * that frame was trimmed. Throws OtherSnapshotsError.
 */
export async function belongsTo(
  log: SharedLog,
  { id, place }: Pick<Snapshot, 'id' | 'place'>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  const { first, next } = await log.bounds();
  if (place.position < first) return false;
  if (place.position >= next) {
    throw new OtherSnapshotsError(
      id,
      `it ends at position ${place.position}, and the log ends at ${next - 1}`,
    );
  }
  try {
    const frame = await frameAt(log, place, { clock, signal });
    checkFirst(frame, { kind: 'shared', ...place });
    return true;
  } catch (error) {
    if (error instanceof TrimmedError) return false;
    if (!(error instanceof OtherLogError)) throw error;
    throw new OtherSnapshotsError(id, `at position ${place.position} the log has another frame`);
  }
}

/** The first frame that counts from a place on. */
async function frameAt(
  log: SharedLog,
  place: Snapshot['place'],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<SharedFrame> {
  const done = new AbortController();
  const stop = AbortSignal.any([signal, done.signal]);
  void sleep(clock, snapshotLimits.frameWaitMs, stop).then(() => done.abort());
  try {
    for await (const [frame] of log.follow(place, stop)) if (frame !== undefined) return frame;
  } finally {
    done.abort();
  }
  signal.throwIfAborted();
  throw new Error(`the shared log did not return the frame at position ${place.position}`);
}
