import { SnapshotDamageError } from './errors.ts';
import type { Snapshot } from './manifest.ts';
import type { SnapshotRequests } from './requests.ts';
import { keptOf, type RetentionSettings } from './retention.ts';
import { completeOf, type SnapshotList } from './snapshot-list.ts';
import { missingPart, partsIn } from './write-snapshot.ts';

export interface Collected {
  /** Complete snapshots whose parts are all there, newest first. */
  readonly whole: readonly Snapshot[];
  /** Snapshots that cannot be used. */
  readonly problems: readonly Error[];
}

/**
 * Removes the snapshots that are no longer kept, and parts that no snapshot has: of those that were removed, and of
 * those that were cut off.
 *
 * Why no part is removed that somebody needs: a snapshot that is being written uses parts of complete snapshots that it
 * has seen after it had begun. Here, snapshots are removed first; then, if one is being written, no part is. If none is,
 * those that begin later see only what is left. The newest complete snapshot is never removed.
 */
export async function collectSnapshots(
  requests: SnapshotRequests,
  list: SnapshotList,
  { nowMs, ...settings }: RetentionSettings & { readonly nowMs: number },
): Promise<Collected> {
  const complete = completeOf(await list.read(requests));
  const before = await partsIn(requests, list.partsPrefix);
  const damaged = new Map<Snapshot, Error>();
  for (const snapshot of complete) {
    const missing = missingPart(snapshot.files, before);
    if (missing === undefined) continue;
    damaged.set(snapshot, new SnapshotDamageError(missing.key, 'the store has lost it'));
  }
  const intact = complete.filter((snapshot) => !damaged.has(snapshot));
  const kept = new Set(keptOf(intact, settings, nowMs));
  const [newest] = intact;
  for (const snapshot of complete) {
    const isOld = newest !== undefined && snapshot.place.position < newest.place.position;
    if (isOld && !kept.has(snapshot)) await requests.delete(list.keyOf(snapshot.id));
  }
  const present = await partsIn(requests, list.partsPrefix);
  const listed = await list.read(requests);
  const isQuiet = listed.every(({ snapshot }) => snapshot?.isComplete === true);
  if (isQuiet) {
    const needed = new Set(
      completeOf(listed).flatMap(({ files }) => files.flatMap(({ parts }) => parts.map(({ key }) => key))),
    );
    for (const key of present.keys()) if (!needed.has(key)) await requests.delete(key);
  }
  const ids = new Set(listed.map(({ snapshot }) => snapshot?.id));
  return {
    whole: [...kept].filter(({ id }) => ids.has(id)),
    problems: [
      ...[...damaged].flatMap(([{ id }, problem]) => (ids.has(id) ? [problem] : [])),
      ...listed.flatMap(({ problem }) => problem ?? []),
    ],
  };
}
