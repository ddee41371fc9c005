import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { openDataFolder } from '../data-folder/data-folder.ts';
import { type Restored, RestoreError, restoreEngine } from '../engine/shared/snapshots/restore.ts';
import { hasErrorCode } from '../support/errno.ts';
import { systemClock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import type { OnRead } from '../support/pace.ts';
import type { SnapshotObjects } from '../engine/shared/snapshots/objects.ts';
import { openSharedLog } from './shared-log.ts';
import { openSnapshots } from './snapshots.ts';

/**
 * Fills the data folder of a single machine with what a cluster had at a time. The cluster may run: nothing is written to
 * its log or to its snapshots. Throws RestoreError.
 */
export async function restoreCluster(
  { cluster, objectStore, dataDir }: Config,
  options: {
    readonly toMs: number | undefined;
    readonly log: Log;
    readonly signal: AbortSignal;
    /** Called with the bytes of each part of a snapshot. */
    readonly onRead: OnRead;
  },
): Promise<Restored> {
  const { log, toMs, signal, onRead } = options;
  if (cluster?.snapshots === undefined || objectStore === undefined)
    throw new RestoreError(
      'restoring needs --shared-log and --snapshots, as the machines of the cluster have them',
    );
  if (!(await isEmpty(dataDir)))
    throw new RestoreError(`${dataDir} is not empty: name a new folder with --data-dir`);
  const data = await openDataFolder(dataDir);
  try {
    const opened = await openSharedLog(cluster.log, { ...cluster.files, clock: systemClock, log });
    const snapshots = await openSnapshots(cluster.snapshots, objectStore);
    try {
      const { prefix } = snapshots;
      const objects = counting(snapshots.objects, onRead);
      const folder = join(data.path, 'engine');
      const { fence } = data;
      const clock = systemClock;
      return await restoreEngine({
        folder,
        fence,
        clock,
        log,
        shared: opened.log,
        objects,
        prefix,
        toMs,
        signal,
      });
    } finally {
      await opened.log.close();
      snapshots.close?.();
    }
  } finally {
    await data.close();
  }
}

function counting(objects: SnapshotObjects, onRead: OnRead): SnapshotObjects {
  return {
    create: (key, body) => objects.create(key, body),
    replace: (key, etag, body) => objects.replace(key, etag, body),
    put: (key, body) => objects.put(key, body),
    read: async (key) => {
      const found = await objects.read(key);
      if (found !== undefined) onRead(found.body.length);
      return found;
    },
    list: (prefix) => objects.list(prefix),
    delete: (key) => objects.delete(key),
  };
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return true;
    throw error;
  }
}
