import { join } from 'node:path';
import { closeToOthers } from '../../data-folder/close-to-others.ts';
import { type DataFolder, openDataFolder } from '../../data-folder/data-folder.ts';
import { openSharedEngine, type SharedEngine } from '../../engine/shared/open.ts';
import { sharedLimits } from '../../engine/shared/limits.ts';
import { UserError } from '../../errors.ts';
import { sleep, systemClock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { version } from '../../support/version.ts';
import type { ClusterOptions } from '../cluster.ts';
import { serverLimits } from '../limits.ts';

export interface OwnLogOptions {
  /** The data folder that has, or gets, a copy of the log. */
  readonly dataDir: string;
  readonly cluster: Pick<ClusterOptions, 'openLog' | 'openSnapshots' | 'takeOverAfterMs'>;
  readonly log: Log;
  /** Called now and then while the copy follows the log: with the bytes since the last call, and the frames it lacks. */
  readonly onFollowed?: (bytes: number, framesLeft: number) => void;
}

/** The shared log, owned by a command while no server owns it, and a copy of it. */
export interface OwnLog {
  readonly shared: SharedEngine;
  readonly data: DataFolder;
  readonly close: () => Promise<void>;
}

/** Waits until this process owns the log: then its copy has everything, and no other process changes it. */
export async function ownLog({ dataDir, cluster, log, onFollowed }: OwnLogOptions): Promise<OwnLog> {
  const { openLog, openSnapshots, takeOverAfterMs = sharedLimits.takeOverAfterMs } = cluster;
  const data = await openDataFolder(dataDir);
  try {
    await closeToOthers(data.path);
    const { fence, mayHaveOlderWriter } = data;
    const engine = { folder: join(data.path, 'engine'), fence, mayHaveOlderWriter, clock: systemClock, log };
    const opened = (await openLog({ clock: systemClock, log })).log;
    const self = { url: 'nagare cluster', version: version() };
    const member = { log: opened, self, random: Math.random, takeOverAfterMs };
    const snapshots = await openSnapshots?.();
    // The settings of the servers decide which snapshots are taken and kept.
    const seeds = snapshots && { ...snapshots, settings: undefined };
    const options = { ...engine, snapshots: seeds, shared: member };
    const shared = await openSharedEngine(options).catch(async (error: unknown) => {
      snapshots?.close?.();
      await opened.close();
      throw error;
    });
    const close = async (): Promise<void> => {
      await shared.close();
      await data.close();
    };
    await untilOwner(shared, takeOverAfterMs, onFollowed).catch(async (error: unknown) => {
      await shared.close();
      throw error;
    });
    return { shared, data, close };
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** Throws LogInUseError when another process shows that it owns the log. */
async function untilOwner(
  { member }: SharedEngine,
  takeOverAfterMs: number,
  onFollowed: OwnLogOptions['onFollowed'],
): Promise<void> {
  const lost = member.lost.then((error) => Promise.reject(error));
  // Handled by the race.
  lost.catch(() => undefined);
  let caughtUpMs: number | undefined;
  let bytes = 0;
  for (;;) {
    // At one time: this process may become the owner while it waits.
    const { role, owner, quietMs } = member.status();
    if (role === 'owner') return;
    const isHeard = owner !== undefined && quietMs < takeOverAfterMs;
    if (isHeard && caughtUpMs !== undefined && performance.now() - caughtUpMs > 2 * takeOverAfterMs)
      throw new LogInUseError(
        `${owner.url} owns the shared log: stop all servers that share it, and run the command again`,
      );
    await Promise.race([sleep(systemClock, serverLimits.ownLogPollMs), lost]);
    const lag = await member.lag().catch(() => undefined);
    if (lag === 0) caughtUpMs ??= performance.now();
    if (lag !== undefined) onFollowed?.(member.bytesApplied - bytes, lag);
    bytes = member.bytesApplied;
  }
}

export class LogInUseError extends UserError {
  override readonly name = 'LogInUseError';
}
