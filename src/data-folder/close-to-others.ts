import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { hasErrorCode } from '../support/errno.ts';

/** What the mode of a folder or file gives to anybody but its owner. */
const OTHERS = 0o077;
/** Modes of code are those of its zip: what runs it may be another user. Nobody gets there but through `functions`. */
const LEFT_ALONE = new Set([join('functions', 'code')]);
/** May hold millions of files. When the folder itself is closed, an earlier start has closed them. */
const LARGE = new Set(['objects']);

/**
 * Takes from everybody but its owner what earlier versions, or a copy, let others do in a data folder. Gives the paths
 * where that is not allowed, because they belong to another user.
 */
export async function closeToOthers(dataFolder: string): Promise<string[]> {
  // Windows knows no such modes.
  if (process.platform === 'win32') return [];
  const refused: string[] = [];
  const close = async (path: string, mode: number): Promise<void> => {
    if ((mode & OTHERS) === 0) return;
    try {
      await chmod(path, mode & 0o700);
    } catch (error) {
      if (!hasErrorCode(error, 'EPERM', 'EROFS')) throw error;
      refused.push(path);
    }
  };
  const visit = async (name: string): Promise<void> => {
    const path = join(dataFolder, name);
    const facts = await lstat(path).catch(absent);
    if (facts?.isFile() === true) await close(path, facts.mode);
    if (facts?.isDirectory() !== true) return;
    const isDone = LARGE.has(name) && (facts.mode & OTHERS) === 0;
    if (!isDone && !LEFT_ALONE.has(name)) {
      for (const inner of await readdir(path)) await visit(join(name, inner));
    }
    // After what is in it, so that a start that was cut short is made up for by the next.
    await close(path, facts.mode);
  };
  await visit('.');
  return refused;
}

function absent(error: unknown): undefined {
  if (!hasErrorCode(error, 'ENOENT')) throw error;
}
