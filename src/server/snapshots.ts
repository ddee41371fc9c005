import type { SnapshotConfig } from '../config/cluster.ts';
import type { ObjectStoreSettings } from '../config/object-store.ts';
import type { SnapshotPlace } from '../engine/shared/open.ts';
import type { SnapshotStatus } from '../engine/shared/snapshots/keeper.ts';
import { openS3Objects } from '../engine/shared/snapshots/s3-objects.ts';

/** Opens the place for snapshots in the S3 that has the objects. */
export async function openSnapshots(
  settings: SnapshotConfig,
  { endpoint, region, key }: ObjectStoreSettings,
): Promise<SnapshotPlace> {
  const { bucket, prefix } = settings;
  const objects = await openS3Objects({ endpoint, region, bucket, credentials: key });
  return { objects, prefix, settings, close: () => objects.close() };
}

/** What `/health` and `nagare cluster status` tell of snapshots. */
export interface SnapshotHealth {
  /** Up to which position of the shared log the newest one reaches; null if there is none, or none is known yet. */
  readonly position: number | null;
  /** Its age by the times in the log. */
  readonly ageSeconds: number | null;
  /** Where the shared log begins; null while it is not known yet. */
  readonly logBegin: number | null;
  /** Whether this machine takes one. */
  readonly writing: boolean;
  readonly problems: readonly string[];
}

export function snapshotHealth(status: SnapshotStatus): SnapshotHealth {
  const { newest, ageMs, first, isWriting, problems } = status;
  return {
    position: newest?.place.position ?? null,
    ageSeconds: ageMs === undefined ? null : Math.round(ageMs / 1000),
    logBegin: first ?? null,
    writing: isWriting,
    problems,
  };
}
