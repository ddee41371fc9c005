import { resolve } from 'node:path';
import { Command } from 'commander';
import type { BackupRequest } from '../server/backup.ts';
import { UserError } from '../errors.ts';
import { openExistingDataFolder } from '../data-folder/data-folder.ts';
import { FolderInUseError } from '../data-folder/errors.ts';
import { serverOf, withServer, type ServerFlags } from './api.ts';
import { askHolder } from './ask-holder.ts';
import { explained, unusableFolder } from './explain.ts';
import { configOf } from './options.ts';
import { printResult, withJson, type OutputFlags } from './output/output.ts';
import { copyingBytes } from './output/bytes-progress.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare backup`: makes a consistent copy of the data folder, whether or not the server is running. */
export function backupCommand(terminal: Terminal): Command {
  const command = new Command('backup')
    .description('copy all data to an empty folder; works whether or not the server is running')
    .argument(
      '<folder>',
      'folder for the copy; start a server on it with `nagare start --data-dir <folder>`',
    );
  return withServer(withJson(command), ['host', 'port', 'dataDir']).action(
    async (folder: string, flags: ServerFlags & OutputFlags) => {
      const { BACKUP_PATH, backupStopped } = await import('../server/backup.ts');
      const { dataDir } = await configOf(flags, terminal);
      const target = resolve(terminal.workingFolder, folder);
      const data = await openExistingDataFolder(dataDir).catch((error: unknown) => {
        if (error instanceof FolderInUseError) return undefined;
        throw needsFolder(unusableFolder(error, dataDir), flags);
      });
      const shown = { what: `copying ${dataDir}`, folder: dataDir, target };
      try {
        if (data === undefined) {
          const content: BackupRequest = { dataDir, target };
          const server = await serverOf(flags, terminal);
          const asked = () => askHolder(server, { path: BACKUP_PATH, command: 'backup', content });
          await copyingBytes(terminal, flags, shown, asked);
        } else await copyingBytes(terminal, flags, shown, () => backupStopped(dataDir, target));
      } catch (error) {
        throw explained(error, `cannot copy ${dataDir} to ${target}`);
      } finally {
        await data?.close();
      }
      printResult(terminal, flags, `copied ${dataDir} to ${target}`, { DataDir: dataDir, Target: target });
    },
  );
}

/** A running server copies its own data folder, so with --endpoint the user must name that folder. */
function needsFolder(error: unknown, { endpoint, endpointUrl = endpoint, dataDir }: ServerFlags): unknown {
  if (endpointUrl === undefined || dataDir !== undefined || !(error instanceof UserError)) return error;
  return new CommandError(
    `${error.message}\n--endpoint requires --data-dir with the data folder of that server`,
  );
}
