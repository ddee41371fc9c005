import { dirname } from 'node:path';
import { isMissing, systemCode, type Files } from './files.ts';

/** Folders may be pruned by a deletion between their making and the rename into them. */
const PLACE_ATTEMPTS = 10;

/** Gives a staged file its place, with the folders that lack. Not durable before the folders are synced. */
export async function place(files: Files, from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await files.rename(from, to);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || attempt === PLACE_ATTEMPTS) throw error;
      if (!(await files.exists(from))) throw error;
      await files.mkdir(dirname(to)).catch((problem: unknown) => {
        if (systemCode(problem) !== 'ENOENT') throw problem;
      });
    }
  }
}

/** Removes a file, and the folders below `stop` that are empty then. */
export async function removeFile(files: Files, path: string, stop: string): Promise<void> {
  await files.rm(path, { force: true });
  for (let folder = dirname(path); folder.length > stop.length; folder = dirname(folder)) {
    try {
      await files.rmdir(folder);
    } catch (error) {
      if (isMissing(error)) continue;
      if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) return;
      throw error;
    }
  }
}

/** The folders from that of `path` up to `root`. */
export function foldersOf(path: string, root: string): string[] {
  const folders: string[] = [];
  for (let at = dirname(path); at.length >= root.length; at = dirname(at)) folders.push(at);
  return folders;
}

/** Makes names durable; a folder that is gone by now needs nothing, that of its own name tells. */
export async function syncFolders(files: Files, folders: Iterable<string>): Promise<void> {
  for (const folder of folders) {
    try {
      await files.syncFolder(folder);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}
