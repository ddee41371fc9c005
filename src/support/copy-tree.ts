import { copyFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from './errno.ts';
import { makeFolder } from './make-folder.ts';
import { syncFile, syncFolder } from './sync.ts';

/**
 * Copies a folder that may change during the copy: files that disappear first are skipped. Keeps modes and overwrites
 * existing files at the target. Resolves when the copy is durable.
 */
export async function copyTree(
  from: string,
  to: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<void> {
  const { mode } = await stat(from);
  await makeFolder(to, mode);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!isWanted(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    try {
      if (entry.isDirectory()) await copyTree(source, target);
      else if (entry.isFile()) await copyDurably(source, target);
    } catch (error) {
      if (!hasErrorCode(error, 'ENOENT')) throw error;
    }
  }
  await syncFolder(to);
}

async function copyDurably(source: string, target: string): Promise<void> {
  await copyFile(source, target);
  await syncFile(target);
}
