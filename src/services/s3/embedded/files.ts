import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { makeFolder, PRIVATE_FILE_MODE } from '../../../support/make-folder.ts';

/** The file system as the embedded store uses it: an argument, so that tests can let any step fail. */
export interface Files {
  open(path: string, flags: string): Promise<fs.FileHandle>;
  readFile(path: string): Promise<Buffer>;
  readdir(path: string): Promise<string[]>;
  /** With the kind of each entry. */
  entries(path: string): Promise<{ readonly name: string; readonly isFolder: boolean }[]>;
  rename(from: string, to: string): Promise<void>;
  /** Shares the blocks where the file system can, copies inside the kernel where not. */
  copy(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean; recursive?: boolean }): Promise<void>;
  /** Only when it is empty. */
  rmdir(path: string): Promise<void>;
  mkdir(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  syncFile(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
}

export const realFiles: Files = {
  open: (path, flags) => fs.open(path, flags, PRIVATE_FILE_MODE),
  readFile: (path) => fs.readFile(path),
  readdir: (path) => fs.readdir(path),
  async entries(path) {
    const entries = await fs.readdir(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  },
  rename: (from, to) => fs.rename(from, to),
  copy: (from, to) => fs.copyFile(from, to, constants.COPYFILE_FICLONE),
  rm: (path, options) => fs.rm(path, options),
  rmdir: (path) => fs.rmdir(path),
  async mkdir(path) {
    await makeFolder(path);
  },
  exists: (path) =>
    fs.access(path).then(
      () => true,
      () => false,
    ),
  syncFile: sync,
  syncFolder: sync,
};

async function sync(path: string): Promise<void> {
  const handle = await fs.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The system's name of an error: `ENOENT`, `ENOSPC`, ...; undefined for what is no system error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');

/** Neither has the disk room, or the user's quota of it. */
export const isNoSpace = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
