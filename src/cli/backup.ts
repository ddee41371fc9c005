import { resolve } from 'node:path';
import { Command } from 'commander';
import { BACKUP_PATH, backupStopped, type BackupRequest } from '../server/backup.ts';
import { UserError } from '../errors.ts';
import { openExistingDataFolder } from '../data-folder/data-folder.ts';
import { FolderInUseError } from '../data-folder/errors.ts';
import { serverOf, withServer, type ServerFlags } from './api.ts';
import { askHolder } from './ask-holder.ts';
import { explained, unusableFolder } from './explain.ts';
import { configOf } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare backup`: a consistent copy of the data folder, whether the server runs or not. */
export function backupCommand(terminal: Terminal): Command {
  const command = new Command('backup')
    .description('copy all data to an empty folder; works whether or not the server is running')
    .argument('<folder>', 'where to; `nagare start --data-dir <folder>` starts on the copy');
  return withServer(command, ['host', 'port', 'dataDir']).action(
    async (folder: string, flags: ServerFlags) => {
      const { dataDir } = await configOf(flags, terminal);
      const target = resolve(terminal.workingFolder, folder);
      const data = await openExistingDataFolder(dataDir).catch((error: unknown) => {
        if (error instanceof FolderInUseError) return undefined;
        throw needsFolder(unusableFolder(error, dataDir), flags);
      });
      try {
        if (data === undefined) {
          const content: BackupRequest = { dataDir, target };
          await askHolder(await serverOf(flags, terminal), { path: BACKUP_PATH, command: 'backup', content });
        } else await backupStopped(dataDir, target);
      } catch (error) {
        throw explained(error, `${dataDir} cannot be copied to ${target}`);
      } finally {
        await data?.close();
      }
      terminal.print(`${dataDir} is copied to ${target}`);
    },
  );
}

/** The server copies its own data folder, which the user has to name beside the server. */
function needsFolder(error: unknown, { endpoint, dataDir }: ServerFlags): unknown {
  if (endpoint === undefined || dataDir !== undefined || !(error instanceof UserError)) return error;
  return new CommandError(
    `${error.message}\n--endpoint needs --data-dir, with the data folder of that server`,
  );
}
