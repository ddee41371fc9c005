import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hasErrorCode } from './errno.ts';
import { syncFolder } from './sync.ts';

export const PRIVATE_FOLDER_MODE = 0o700;
export const PRIVATE_FILE_MODE = 0o600;

/**
 * Makes a folder with the parents that it lacks; gives the folders that were made, the outermost first. Where the
 * system makes none (below /proc) this throws its ENOENT: Node's own mkdir with `recursive` never ends there, for
 * with a parent that exists it tries again. A parent that another removes meanwhile is ENOENT too. What is made is for
 * its owner alone, unless a mode is given.
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

/** The same; after a power cut the folder and its new parents are there. */
export async function makeDurableFolder(path: string, mode?: number): Promise<void> {
  for (const made of await makeFolder(path, mode)) await syncFolder(dirname(made));
}

/** False when it is a folder already, also one that another has made meanwhile. */
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
