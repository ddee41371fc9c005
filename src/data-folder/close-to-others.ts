import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { hasErrorCode } from '../support/errno.ts';

/** The permission bits of everyone but the owner. */
const OTHERS = 0o077;
/**
 * The modes of code, of functions and of layers, are those of its zip, because functions may run as another user. Only
 * `functions` leads there, and it is closed.
 */
const LEFT_ALONE = new Set([join('functions', 'code'), join('functions', 'layers')]);
/** May hold millions of files. When the folder itself is closed, an earlier start has closed its content. */
const LARGE = new Set(['objects']);

/**
 * Removes the permissions that earlier versions, or a copy, gave other users in a data folder. Returns the paths that
 * could not be changed because they belong to another user.
 */
export async function closeToOthers(dataFolder: string): Promise<string[]> {
  // Windows has no such permission bits.
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
    const info = await lstat(path).catch(absent);
    if (info?.isFile() === true) await close(path, info.mode);
    if (info?.isDirectory() !== true) return;
    const isDone = LARGE.has(name) && (info.mode & OTHERS) === 0;
    if (!isDone && !LEFT_ALONE.has(name)) {
      for (const inner of await readdir(path)) await visit(join(name, inner));
    }
    // After its content, so that the next start completes an interrupted one.
    await close(path, info.mode);
  };
  await visit('.');
  return refused;
}

function absent(error: unknown): undefined {
  if (!hasErrorCode(error, 'ENOENT')) throw error;
}
