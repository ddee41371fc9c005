import { Command } from 'commander';
import { silentLog } from '../support/log.ts';
import { explained } from './explain.ts';
import { configOf, type SettingFlags, withSettings } from './options.ts';
import { timeMsOf } from './output/units.ts';
import { type OutputFlags, printResult, withJson } from './output/output.ts';
import { Progress } from './output/progress.ts';
import { type Terminal, usageError } from './terminal.ts';

/** `nagare cluster restore`: the data of a cluster as of a time, in a folder of its own. */
export function restoreCommand(terminal: Terminal): Command {
  const command = new Command('restore')
    .description(
      'fill a new data folder with what the cluster had at a time, from its snapshots and its log; the cluster may run',
    )
    .option(
      '--to <time>',
      'the time, by the clocks of the owners: 2026-11-01T09:30:00Z, or how long ago: 30s, 15m, 2h, 7d (default: all that the log has)',
    )
    .addHelpText(
      'after',
      `
Example:
  nagare cluster restore --to 2h --data-dir ./restored --shared-log kafka://k1:9092/nagare \\
    --s3-endpoint http://minio:9000 --snapshots s3://nagare/cluster --master-key-file master.key
  nagare start --data-dir ./restored --s3-endpoint http://minio:9000 --master-key-file master.key`,
    );
  return withSettings(withJson(command), [
    'dataDir',
    'sharedLog',
    'snapshots',
    's3Endpoint',
    's3Region',
    'masterKeyFile',
  ]).action(async ({ to, ...flags }: SettingFlags & OutputFlags & { readonly to?: string }) => {
    const toMs = to === undefined ? undefined : timeMsOf(to, Date.now());
    if (to !== undefined && toMs === undefined)
      throw usageError(
        `--to is "${to}"; it must be a time such as 2026-11-01T09:30:00Z, or how long ago: 2h, 7d`,
      );
    const { restoreCluster } = await import('../server/restore.ts');
    const config = await configOf(flags, terminal);
    const { dataDir } = config;
    const signal = terminal.untilInterrupted();
    const progress = new Progress(terminal, 'bytes', {
      what: `restoring to ${dataDir}`,
      quiet: flags.quiet === true,
    });
    const onRead = (bytes: number): void => progress.add(bytes);
    const restored = await restoreCluster(config, { toMs, log: silentLog, signal, onRead })
      .catch((error: unknown) => {
        throw explained(error, `cannot restore to ${dataDir}`);
      })
      .finally(() => progress.end());
    const { timeMs, position, frames } = restored;
    const when = timeMs === undefined ? 'the beginning of the log' : new Date(timeMs).toISOString();
    const text = `restored ${dataDir} to ${when}: position ${position} of the log, ${frames} frames after the snapshot`;
    printResult(terminal, flags, text, { dataDir, ...restored });
  });
}
