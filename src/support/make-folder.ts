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
  const wanted = [resolve(path)];
  for (let parent = dirname(resolve(path)); !(await isThere(parent)); parent = dirname(parent)) {
    wanted.push(parent);
  }
  const made: string[] = [];
  for (const folder of wanted.toReversed()) {
    if (await makeOne(folder, mode)) made.push(folder);
  }
  return made;
}

/** Like `makeFolder`; the folder and its new parents survive a power cut. */
export async function makeDurableFolder(path: string, mode?: number): Promise<void> {
  for (const made of await makeFolder(path, mode)) await syncFolder(dirname(made));
}

/** Returns false when the folder exists already, even if another process made it just now. */
async function makeOne(path: string, mode: number): Promise<boolean> {
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
