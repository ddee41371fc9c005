import * as fs from 'node:fs/promises';
import type { Fence } from '../../../support/fence.ts';
import { makeFolder, PRIVATE_FILE_MODE } from '../../../support/make-folder.ts';
import { syncFile, syncFolder } from '../../../support/sync.ts';

/** An open file; Node's FileHandle implements it. */
export interface OpenFile {
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  /** Writes at the file's current position when `position` is null. */
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  stat(): Promise<{ readonly size: number }>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system as the embedded store uses it: an argument, so that tests can cut the power or fail at any step. */
export interface Files {
  open(path: string, flags: string): Promise<OpenFile>;
  readFile(path: string): Promise<Buffer>;
  readdir(path: string): Promise<string[]>;
  /** Includes the kind of each entry. */
  entries(path: string): Promise<{ readonly name: string; readonly isFolder: boolean }[]>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean; recursive?: boolean }): Promise<void>;
  /** Fails unless the folder is empty. */
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
  syncFile,
  syncFolder,
};

/**
 * The real file system, guarded by the fence: a process that lost the data folder while it was suspended must not
 * continue its writes. The fence is checked before each change and after each sync.
 */
export function fencedFiles(fence: Fence): Files {
  const ifOwned = async <Result>(change: () => Promise<Result>): Promise<Result> => {
    fence.check();
    return await change();
  };
  const thenOwned = async (sync: () => Promise<void>): Promise<void> => {
    await sync();
    fence.check();
  };
  const fencedFile = (file: OpenFile): OpenFile => ({
    read: (into, offset, length, position) => file.read(into, offset, length, position),
    write: (bytes, offset, length, at) => ifOwned(() => file.write(bytes, offset, length, at)),
    truncate: (length) => ifOwned(() => file.truncate(length)),
    stat: () => file.stat(),
    datasync: () => thenOwned(() => file.datasync()),
    close: () => file.close(),
  });
  return {
    ...realFiles,
    open: async (path, flags) => {
      if (flags === 'r') return await realFiles.open(path, flags);
      return fencedFile(await ifOwned(() => realFiles.open(path, flags)));
    },
    mkdir: (path) => ifOwned(() => realFiles.mkdir(path)),
    rename: (from, to) => ifOwned(() => realFiles.rename(from, to)),
    rm: (path, options) => ifOwned(() => realFiles.rm(path, options)),
    rmdir: (path) => ifOwned(() => realFiles.rmdir(path)),
    syncFile: (path) => thenOwned(() => realFiles.syncFile(path)),
    syncFolder: (path) => thenOwned(() => realFiles.syncFolder(path)),
  };
}

/** The code of a system error: `ENOENT`, `ENOSPC`, ...; undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');

/** Writes at the file's current position, or at `position`. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const at = position === undefined ? null : position + done;
    done += (await file.write(bytes, done, bytes.length - done, at)).bytesWritten;
  }
}

/** Replaces the file's content. Not durable before a sync. */
export async function writeFile(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path, 'w');
  try {
    await writeAll(file, bytes);
  } finally {
    await file.close();
  }
}
