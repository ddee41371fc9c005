import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { createLog } from '../support/log.ts';
import { explained } from './explain.ts';
import { cliLimits } from './limits.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { type OutputFlags, printResult, withJson } from './output/output.ts';
import { Progress } from './output/progress.ts';
import { bytesText, durationText, numberText } from './output/units.ts';
import { type Terminal, usageError } from './terminal.ts';

/** Of a command that owns the shared log. */
export const OWNER_SETTINGS = [
  'sharedLog',
  'masterKeyFile',
  's3Endpoint',
  's3Region',
  'takeOverAfter',
  'snapshots',
  'logLevel',
] as const;

/** `nagare cluster import`: moves a single machine's data folder into an empty shared log. */
export function clusterImportCommand(terminal: Terminal): Command {
  const command = new Command('import')
    .description(
      "copy a single machine's data folder into an empty shared log, and its objects to --s3-endpoint; no server may run. If it is interrupted, run it again",
    )
    .argument('<folder>', 'data folder to copy; it stays as it is')
    .addHelpText(
      'after',
      '\nExample:\n  nagare cluster import ./data --data-dir ./copy --shared-log kafka://k1:9092/nagare \\\n    --s3-endpoint http://minio:9000 --master-key-file /etc/nagare/master.key',
    );
  return withJson(withSettings(command, ['dataDir', ...OWNER_SETTINGS])).action(
    async (folder: string, flags: SettingFlags & OutputFlags) => {
      const { importFolder } = await import('../server/moving/import-folder.ts');
      const config = await configOf(flags, terminal);
      const moving = await movingOf(config, config.dataDir);
      const from = resolve(terminal.workingFolder, folder);
      const { done: bytes, elapsedMs } = await withProgress(terminal, flags, async (progress) => {
        await importFolder({
          ...moving,
          folder: from,
          onTotal: (bytes) => progress.expect(bytes),
          // Of an interrupted import: these bytes count already.
          onFollowed: (_, frames) => progress.add(0, following(frames)),
          report: (bytes, what) => progress.add(bytes, what),
        });
        return progress;
      }).catch((error: unknown) => {
        throw explained(error, `cannot import ${from}`);
      });
      printResult(
        terminal,
        flags,
        `imported ${from}: ${bytesText(bytes)} in ${durationText(elapsedMs)}. Start the servers of the cluster with the same settings; --data-dir ${config.dataDir} has this machine's copy`,
        { imported: from, bytes, elapsedMs: Math.round(elapsedMs) },
      );
    },
  );
}

/** `nagare cluster export`: makes a single machine's data folder from a shared log. */
export function clusterExportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description(
      "make a single machine's data folder from the shared log; all servers of the cluster must be stopped",
    )
    .argument('<folder>', 'folder for the data; empty, or begun by an interrupted export')
    .option(
      '--bucket <name...>',
      'buckets whose objects are copied from --s3-endpoint into the folder (default: none, objects stay where they are)',
    );
  return withJson(withSettings(command, OWNER_SETTINGS)).action(
    async (
      folder: string,
      { bucket: buckets = [], ...flags }: SettingFlags & OutputFlags & { bucket?: string[] },
    ) => {
      const { exportFolder } = await import('../server/moving/export-folder.ts');
      const target = resolve(terminal.workingFolder, folder);
      const moving = await movingOf(await configOf(flags, terminal), target);
      await withProgress(terminal, flags, (progress) =>
        exportFolder({
          ...moving,
          buckets,
          onFollowed: (bytes, frames) => progress.add(bytes, following(frames)),
          report: (bytes, what) => progress.add(bytes, what),
        }),
      ).catch((error: unknown) => {
        throw explained(error, `cannot export to ${target}`);
      });
      const keeps = buckets.length === 0 ? ' and --s3-endpoint' : '';
      printResult(
        terminal,
        flags,
        `exported to ${target}: start it with \`nagare start --data-dir ${target}\`, and the same --master-key-file${keeps}`,
        { exported: target, buckets },
      );
    },
  );
}

/** Without a rest the command only waits for what it reads to be the owner's last word. */
export function following(frames: number): string {
  return frames === 0 ? 'the shared log' : `the shared log: ${numberText(frames)} frames left`;
}

/** Throws CommandError without a cluster. */
export async function movingOf(config: Config, dataDir: string) {
  const { objectStore, masterKey, masterKeyFile, logFormat, logLevel } = config;
  const { clusterOf } = await import('../server/cluster-options.ts');
  const cluster = clusterOf(config);
  if (cluster === undefined || objectStore === undefined)
    throw usageError('--shared-log is missing: a URL such as kafka://host:9092/topic or s3://bucket/prefix');
  return {
    dataDir,
    cluster,
    objectStore,
    masterKey: {
      ...(masterKey !== undefined && { masterKey }),
      ...(masterKeyFile !== undefined && { masterKeyFile }),
    },
    log: createLog({ format: logFormat, level: logLevel }),
  };
}

/** Shows how far the command is, in bytes. */
export async function withProgress<Result>(
  terminal: Terminal,
  { quiet }: OutputFlags,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const progress = new Progress(terminal, 'bytes', { quiet: quiet === true });
  // Also keeps the process alive: the timers of the engine do not.
  const timer = setInterval(() => progress.add(0), cliLimits.moveShownMs);
  try {
    return await work(progress);
  } finally {
    clearInterval(timer);
    progress.end();
  }
}
