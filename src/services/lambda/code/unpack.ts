import { symlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { makeFolder } from '../../../support/make-folder.ts';
import { syncFolder } from '../../../support/sync.ts';
import { readZip, ZipError, type ZipEntry } from './zip.ts';

export interface UnpackBounds {
  readonly bytesMax: number;
  readonly filesMax: number;
}

export class UnpackedTooLargeError extends Error {
  override readonly name = 'UnpackedTooLargeError';
}

const FILE_PERMISSIONS = 0o644;
/** A function may run as another user; the folder of all functions keeps everybody else out. */
export const FOLDER_PERMISSIONS = 0o755;

/**
 * Writes what a zip holds into `folder`, which must be new. Nothing is written outside of it, whatever the names and
 * symbolic links in the zip say; all is flushed to disk. Throws ZipError, UnpackedTooLargeError.
 */
export async function unpack(zip: Buffer, folder: string, bounds: UnpackBounds): Promise<void> {
  const entries = readZip(zip);
  const bytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  if (bytes > bounds.bytesMax || entries.length > bounds.filesMax) {
    throw new UnpackedTooLargeError(`${entries.length} entries with ${bytes} bytes`);
  }
  await makeFolder(folder, FOLDER_PERMISSIONS);
  for (const entry of entries) {
    const path = inside(folder, entry.name);
    if (entry.kind === 'folder') await makeFolder(path, FOLDER_PERMISSIONS);
    else if (entry.kind === 'file') await write(path, entry);
  }
  // Links come last: no file of the zip is written through one.
  for (const entry of entries) {
    if (entry.kind === 'symlink') await link(folder, entry);
  }
  // A file that is safe is found again only when its name is safe too.
  const folders = entries.flatMap(({ kind, name }) => foldersOf(name, kind === 'folder'));
  for (const path of new Set(['', ...folders])) await syncFolder(join(folder, path));
}

/** The folders on the way to an entry, with itself when it is one. */
function foldersOf(name: string, isFolder: boolean): string[] {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const count = isFolder ? parts.length : parts.length - 1;
  return Array.from({ length: Math.max(count, 0) }, (_, place) => parts.slice(0, place + 1).join('/'));
}

async function write(path: string, entry: ZipEntry): Promise<void> {
  const content = entry.content();
  await makeFolder(dirname(path), FOLDER_PERMISSIONS);
  // Readable by us, whatever the permissions say, and never more than a plain file.
  const mode = (entry.permissions ?? FILE_PERMISSIONS) | 0o400;
  try {
    await writeFile(path, content, { mode, flush: true });
  } catch (error) {
    throw nameClash(error, entry.name);
  }
}

async function link(folder: string, entry: ZipEntry): Promise<void> {
  const path = inside(folder, entry.name);
  const target = entry.content().toString();
  if (isAbsolute(target)) throw new ZipError(`the link ${entry.name} leads out of the zip`);
  inside(folder, relative(folder, resolve(dirname(path), target)));
  await makeFolder(dirname(path), FOLDER_PERMISSIONS);
  try {
    await symlink(target, path);
  } catch (error) {
    throw nameClash(error, entry.name);
  }
}

/** A zip may name one path as a file and as a folder. That is its fault, not the disk's. */
function nameClash(error: unknown, name: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const clash = code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST';
  return clash ? new ZipError(`${name} is there twice`, { cause: error }) : error;
}

function inside(folder: string, name: string): string {
  const path = join(folder, name);
  const leaves = path !== folder && !path.startsWith(folder + sep);
  if (
    name === '' ||
    name.includes('\0') ||
    isAbsolute(name) ||
    name.split(/[\\/]/).includes('..') ||
    leaves
  ) {
    throw new ZipError(`the name ${JSON.stringify(name)} leads out of the zip`);
  }
  return path;
}
