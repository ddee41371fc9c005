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
  /** The intended data folder, so that no other server's is copied by mistake. */
  readonly dataDir: string;
  /** Absolute path; empty or not existing. */
  readonly target: string;
}

/** A problem with a backup request, with a message for the user. */
export class BackupError extends UserError {
  override readonly name = 'BackupError';
}

/**
 * Copies the data folder of the server running in this process. Services' own copies come first and the engine last,
 * and services meanwhile write nothing to the engine that the copies of their folders lack: the engine has the metadata
 * of objects, and a list log finds every record after its checkpoint there. Deliveries keep their checkpoints in the
 * engine, so they pause meanwhile. Everything else (code of functions, keys) is copied before the engine, and again
 * after it for what was added.
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

/** Copies the data folder of a stopped server; the caller holds the folder. */
export async function backupStopped(dataDir: string, target: string): Promise<void> {
  await prepareTarget(dataDir, target);
  await copyTree(dataDir, target, (name) => name !== LOCK_FOLDER);
}

async function prepareTarget(dataDir: string, target: string): Promise<void> {
  if (`${resolve(target)}${sep}`.startsWith(`${resolve(dataDir)}${sep}`)) {
    throw new BackupError(`${target} is inside the data folder`);
  }
  await makeDurableFolder(target);
  if ((await readdir(target)).length > 0) throw new BackupError(`${target} is not empty`);
}

/** Answers `POST /_nagare/backup`; undefined for other requests. */
export function backupRoute(
  dataDir: string,
  services: readonly ServiceBackup[],
): (request: Parameters<HttpHandler>[0]) => Promise<HttpResponse | undefined> {
  return async (request) => {
    if (request.path !== BACKUP_PATH) return undefined;
    if (!isCommand(request, 'backup')) return answerCommand(403, { message: 'not a command of nagare' });
    const body = await request.body(serverLimits.commandBytesMax);
    // Sent by nagare's own command of the same version.
    const { dataDir: meant, target } = body.json() as BackupRequest;
    if (resolve(meant) !== resolve(dataDir))
      return answerCommand(409, { message: `this server's data folder is ${dataDir}` });
    try {
      await backupRunning(dataDir, services, target);
      return answerCommand(200, {});
    } catch (error) {
      if (error instanceof BackupError) return answerCommand(409, { message: error.message });
      // For example a full disk: the user who requested the backup can act on it.
      return answerCommand(500, { message: reasonAndPath(error) });
    }
  };
}
