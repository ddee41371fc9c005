import { join } from 'node:path';
import { leaveSharedLog } from '../../engine/embedded/open.ts';
import type { ClusterData, MoveReport } from '../../services/registration.ts';
import { systemClock } from '../../support/clock.ts';
import { allMoves } from './import-folder.ts';
import { requireNoImport } from './import-row.ts';
import { ownLog, type OwnLogOptions } from './own-log.ts';

export interface ExportOptions extends OwnLogOptions, Omit<ClusterData, 'engine'> {
  /** Buckets of the cluster's S3 that move into the data folder. Without any, objects stay there. */
  readonly buckets: readonly string[];
  readonly report: MoveReport;
}

/**
 * Makes a data folder of a single machine from a shared log that no server uses. The log stays as it is. Until the end
 * nobody can use the folder.
 */
export async function exportFolder(options: ExportOptions): Promise<void> {
  const { objectStore, masterKey, buckets, report, log } = options;
  const clock = systemClock;
  const { shared, data, close } = await ownLog(options);
  let isHeld = true;
  try {
    requireNoImport(shared.engine);
    await shared.close();
    const { path: dataDir, fence } = data;
    await leaveSharedLog({ folder: join(dataDir, 'engine'), fence, clock, log }, async (engine) => {
      for (const { outOfCluster } of allMoves)
        await outOfCluster({ dataDir, engine, clock, log }, { objectStore, masterKey, buckets }, report);
    });
    isHeld = false;
  } finally {
    if (isHeld) await close();
    else await data.close();
  }
}
