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

/** A data folder that belongs to this process, and to no other one. */
export interface DataFolder {
  readonly path: string;
  readonly fence: Fence;
  /**
   * The owner before may still be alive, although it does not hold the folder: on another machine or in a sandbox
   * with a kernel of its own, or because somebody removed its lock. It acknowledges nothing more, but a write of it
   * may be under way: files that it has open for writing must be replaced before they are trusted.
   */
  readonly mayHaveOlderWriter: boolean;
  /** Resolves with the reason when the folder was lost to another process, while this one ran. */
  readonly lost: Promise<FolderLostError>;
  /** After the last write. */
  close(): Promise<void>;
}

/** What is there on a new file system, and belongs to nobody. */
const IGNORED_NAMES = new Set(['lost+found']);
/** Each of them only nagare makes. */
const OWN_NAMES = ['engine', LOCK_FOLDER, join('objects', '.nagare')];

/**
 * Takes the folder for this process; makes it when it is not there. Throws FolderInUseError, NotADataFolderError,
 * UnsupportedFileSystemError.
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder);
  await makeDurableFolder(path);
  await checkFileSystem(path);
  if (!(await isDataFolder(path)) && !(await isEmpty(path))) {
    throw new NotADataFolderError(
      `${path} is not empty, and is not a nagare data folder; choose another folder with --data-dir`,
    );
  }
  return await takeFolder(path);
}

/** As `openDataFolder`, for commands that need what is there: never makes a folder. */
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

/** A socket without a listener proves that its owner has ended only on the kernel that the owner ran on. */
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
      // Anything else (no file handle is free) says nothing about the owner; the next look may.
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
