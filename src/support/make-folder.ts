import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hasErrorCode } from './errno.ts';
import { syncFolder } from './sync.ts';

export const PRIVATE_FOLDER_MODE = 0o700;
export const PRIVATE_FILE_MODE = 0o600;

/**
 * Makes a folder and its missing parents; returns the folders that were made, outermost first. Where the system
 * refuses (below /proc), this throws ENOENT; Node's own recursive mkdir never returns there, because it retries as
 * long as the parent exists. A parent that another process removes in the meantime is ENOENT too. Folders are private
 * to the owner unless a mode is given.
 */
export async function makeFolder(path: string, mode = PRIVATE_FOLDER_MODE): Promise<string[]> {
  const made: string[] = [];
  for (const folder of await absentOf(path)) {
    if (await makeOne(folder, mode)) made.push(folder);
  }
  return made;
}

/**
 * Like `makeFolder`; the folder and its new parents survive a power cut. The innermost one that exists already may
 * have been made by a process that was killed before it synced its name, so that name is synced as well.
 */
export async function makeDurableFolder(path: string, mode?: number): Promise<void> {
  const absent = await absentOf(path);
  const existing = (await isThere(path)) ? resolve(path) : dirname(absent[0] ?? path);
  await syncFolder(dirname(existing)).catch((error: unknown) => {
    // Above the folders of this user: they were made by another one.
    if (!hasErrorCode(error, 'EACCES', 'EPERM')) throw error;
  });
  for (const folder of absent) {
    await makeOne(folder, mode);
    await syncFolder(dirname(folder));
  }
}

/** The folder, and those of its parents that are not there, outermost first. */
async function absentOf(path: string): Promise<string[]> {
  const absent = [resolve(path)];
  for (let parent = dirname(resolve(path)); !(await isThere(parent)); parent = dirname(parent)) {
    absent.push(parent);
  }
  return absent.toReversed();
}

/** Returns false when the folder exists already, even if another process made it just now. */
async function makeOne(path: string, mode = PRIVATE_FOLDER_MODE): Promise<boolean> {
  try {
    await mkdir(path, mode);
    return true;
  } catch (error) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() === true) return false;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
