import { resolve } from 'node:path';
import { Command } from 'commander';
import { COMMAND_HEADER, BACKUP_PATH, backupStopped, type BackupRequest } from '../server/backup.ts';
import { openExistingDataFolder } from '../data-folder/data-folder.ts';
import { FolderInUseError } from '../data-folder/errors.ts';
import { post, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { explained, unusableFolder } from './explain.ts';
import { configOf } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** `nagare backup`: a consistent copy of the data folder, whether the server runs or not. */
export function backupCommand(terminal: Terminal): Command {
  const command = new Command('backup')
    .description('copy all data to an empty folder, while the server runs or not')
    .argument('<folder>', 'where to; `nagare start --data-dir <folder>` starts on the copy');
  return withServer(command, ['host', 'port', 'dataDir']).action(
    async (folder: string, flags: ServerFlags) => {
      const { dataDir } = await configOf(flags, terminal);
      const target = resolve(terminal.workingFolder, folder);
      const data = await openExistingDataFolder(dataDir).catch((error: unknown) => {
        if (error instanceof FolderInUseError) return undefined;
        throw unusableFolder(error, dataDir);
      });
      try {
        if (data === undefined) await askServer(await serverOf(flags, terminal), { dataDir, target });
        else await backupStopped(dataDir, target);
      } catch (error) {
        throw explained(error, `${dataDir} cannot be copied to ${target}`);
      } finally {
        await data?.close();
      }
      terminal.print(`${dataDir} is copied to ${target}`);
    },
  );
}

async function askServer(server: RunningServer, request: BackupRequest): Promise<void> {
  const { endpoint } = server;
  let answer: Response;
  try {
    const headers = { 'content-type': 'application/json', [COMMAND_HEADER]: 'backup' };
    answer = await post(server, { path: BACKUP_PATH, service: 'nagare', headers, content: request });
  } catch {
    throw new CommandError(
      `a server holds ${request.dataDir}, but none answers at ${endpoint}; give its --port or --endpoint`,
    );
  }
  if (answer.ok) return;
  const output: unknown = await answer.json().catch(() => undefined);
  const isTold = typeof output === 'object' && output !== null && 'message' in output;
  throw new CommandError(isTold ? String(output.message) : `${endpoint} answered ${answer.status}`);
}
