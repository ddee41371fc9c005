import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { dataFolderLimits } from './limits.ts';
import { hasErrorCode } from '../support/errno.ts';
import type { Fence } from '../support/fence.ts';
import { makeDurableFolder } from '../support/make-folder.ts';
import { FolderInUseError, FolderLostError, NotADataFolderError } from './errors.ts';
import { checkFileSystem } from './file-system.ts';
import { LOCK_FOLDER, lockFolder, type FolderLock } from './folder-lock.ts';
import { bootIdOfKernel, describeOwner, OwnerMark, readOwner, type Owner } from './owner-mark.ts';

/** A data folder that this process holds exclusively. */
export interface DataFolder {
  readonly path: string;
  readonly fence: Fence;
  /**
   * The previous owner may still be running although it does not hold the folder: on another machine, in a sandbox with
   * its own kernel, or because its lock was removed. It acknowledges nothing more, but one of its writes may be in
   * progress: replace the files that it has open for writing before trusting them.
   */
  readonly mayHaveOlderWriter: boolean;
  /** Resolves with the reason when another process takes the folder while this one runs. */
  readonly lost: Promise<FolderLostError>;
  /** Call it after the last write. */
  close(): Promise<void>;
}

/** Present in the root of a new file system; does not count as content. */
const IGNORED_NAMES = new Set(['lost+found']);
/** Names that only nagare creates. */
const OWN_NAMES = ['engine', LOCK_FOLDER, join('objects', '.nagare')];

/**
 * Acquires the folder for this process; creates it when it does not exist. Throws FolderInUseError,
 * NotADataFolderError, UnsupportedFileSystemError.
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder);
  await makeDurableFolder(path);
  await checkFileSystem(path);
  if (!(await isDataFolder(path)) && !(await isEmpty(path))) {
    throw new NotADataFolderError(
      `${path} is not empty and is not a nagare data folder; choose another folder with --data-dir`,
    );
  }
  return await takeFolder(path);
}

/** Like `openDataFolder`, for commands that need an existing folder: never creates one. */
export async function openExistingDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder);
  if (!(await isDataFolder(path))) throw notADataFolder(path);
  await checkFileSystem(path);
  return await takeFolder(path);
}

export function notADataFolder(path: string): NotADataFolderError {
  return new NotADataFolderError(`${path} is not a nagare data folder; choose another with --data-dir`);
}

async function takeFolder(path: string): Promise<DataFolder> {
  const lock = await lockFolder(path);
  const before = await readOwner(path);
  if (lock === undefined) throw new FolderInUseError(path, before && describeOwner(before));
  try {
    const mayHaveOlderWriter = await mayStillWrite(before, lock);
    return ownedFolder(path, { lock, mark: await OwnerMark.write(path), mayHaveOlderWriter });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A socket without a listener proves that its owner has ended, but only on the same kernel. */
async function mayStillWrite(before: Owner | undefined, lock: FolderLock): Promise<boolean> {
  if (before?.hasStopped === true) return false;
  if (!lock.foundDeadSocket) return before !== undefined;
  if (process.platform === 'win32') return false;
  return before === undefined || before.bootId === undefined || before.bootId !== (await bootIdOfKernel());
}

interface Held {
  readonly lock: FolderLock;
  readonly mark: OwnerMark;
  readonly mayHaveOlderWriter: boolean;
}

function ownedFolder(path: string, { lock, mark, mayHaveOlderWriter }: Held): DataFolder {
  const lost = Promise.withResolvers<FolderLostError>();
  const look = async (): Promise<void> => {
    try {
      await mark.checkContent();
    } catch (error) {
      if (error instanceof FolderLostError) lost.resolve(error);
      // Any other failure (such as no free file handle) says nothing about the owner; the next check may.
    }
  };
  const timer = setInterval(() => void look(), dataFolderLimits.ownerCheckEveryMs);
  timer.unref();
  return {
    path,
    mayHaveOlderWriter,
    lost: lost.promise,
    fence: {
      check() {
        try {
          mark.check();
        } catch (error) {
          if (error instanceof FolderLostError) lost.resolve(error);
          throw error;
        }
      },
    },
    async close() {
      clearInterval(timer);
      try {
        await mark.release();
      } finally {
        await lock.release();
      }
    },
  };
}

export async function isDataFolder(path: string): Promise<boolean> {
  for (const name of OWN_NAMES) if (await isFolder(join(path, name))) return true;
  return false;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

async function isEmpty(path: string): Promise<boolean> {
  return (await readdir(path)).every((name) => IGNORED_NAMES.has(name));
}
