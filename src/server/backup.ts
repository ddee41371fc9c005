import { readdir } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { LOCK_FOLDER } from '../data-folder/folder-lock.ts';
import { backupEngine } from '../engine/embedded/recover/backup.ts';
import type { HttpHandler, HttpResponse } from '../http/message.ts';
import { serverLimits } from './limits.ts';
import { copyTree } from '../support/copy-tree.ts';
import { makeDurableFolder } from '../support/make-folder.ts';
import { UserError } from '../errors.ts';
import { reasonAndPath } from '../support/errno.ts';
import { answerCommand, isCommand } from './command.ts';
import type { ServiceBackup } from '../services/registration.ts';

export const BACKUP_PATH = '/_nagare/backup';

export interface BackupRequest {
  /** The data folder that is meant, so that no other server's is copied by mistake. */
  readonly dataDir: string;
  /** Absolute; empty, or not there yet. */
  readonly target: string;
}

/** What is wrong with a request for a backup, in words for its author. */
export class BackupError extends UserError {
  override readonly name = 'BackupError';
}

/**
 * Copies the data folder of the server that runs in this process. What services copy themselves comes first and the
 * engine last, while services write nothing that the copies of their own folders lack: the engine has the metadata of
 * objects, and a list log finds every record behind its position there. Deliveries keep theirs in the engine, so these
 * stand still meanwhile. Whatever else there is (the code of functions, keys) is copied before the engine, and what
 * came meanwhile after it.
 */
export async function backupRunning(
  dataDir: string,
  services: readonly ServiceBackup[],
  target: string,
): Promise<void> {
  await prepareTarget(dataDir, target);
  const copied = new Set(['engine', LOCK_FOLDER, ...services.flatMap(({ folders = [] }) => folders)]);
  const isOther = (name: string): boolean => !copied.has(name);
  const releases = services.flatMap(({ hold }) => hold?.() ?? []);
  const copyEngine = async (): Promise<void> => {
    await backupEngine({ folder: join(dataDir, 'engine'), target: join(target, 'engine') });
  };
  try {
    await copyTree(dataDir, target, isOther);
    const copyAll = services.reduceRight(
      (rest, { copy }) => (copy === undefined ? rest : () => copy(target, rest)),
      copyEngine,
    );
    await copyAll();
  } finally {
    for (const release of releases) release();
  }
  await copyTree(dataDir, target, isOther);
}

/** Copies the data folder of a server that does not run; the caller holds the folder. */
export async function backupStopped(dataDir: string, target: string): Promise<void> {
  await prepareTarget(dataDir, target);
  await copyTree(dataDir, target, (name) => name !== LOCK_FOLDER);
}

async function prepareTarget(dataDir: string, target: string): Promise<void> {
  if (`${resolve(target)}${sep}`.startsWith(`${resolve(dataDir)}${sep}`)) {
    throw new BackupError(`${target} lies in the data folder itself`);
  }
  await makeDurableFolder(target);
  if ((await readdir(target)).length > 0) throw new BackupError(`${target} is not empty`);
}

/** Answers `POST /_nagare/backup`; undefined for any other request. */
export function backupRoute(
  dataDir: string,
  services: readonly ServiceBackup[],
): (request: Parameters<HttpHandler>[0]) => Promise<HttpResponse | undefined> {
  return async (request) => {
    if (request.path !== BACKUP_PATH) return undefined;
    if (!isCommand(request, 'backup')) return answerCommand(403, { message: 'no command' });
    const body = await request.body(serverLimits.commandBytesMax);
    // The command that sends it is ours, of the same version.
    const { dataDir: meant, target } = body.json() as BackupRequest;
    if (resolve(meant) !== resolve(dataDir))
      return answerCommand(409, { message: `the server here keeps its data in ${dataDir}` });
    try {
      await backupRunning(dataDir, services, target);
      return answerCommand(200, {});
    } catch (error) {
      if (error instanceof BackupError) return answerCommand(409, { message: error.message });
      // A full disk, for example: the user who asked for the copy can act on it.
      return answerCommand(500, { message: reasonAndPath(error) });
    }
  };
}
