import { chmod, symlink, writeFile } from 'node:fs/promises';
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
  const folders = foldersOf(entries, bounds.filesMax);
  await makeFolder(folder, FOLDER_PERMISSIONS);
  for (const entry of entries) {
    const path = inside(folder, entry.name);
    await inZipsWords(entry.name, async () => {
      if (entry.kind === 'folder') await makeFolder(path, FOLDER_PERMISSIONS);
      else if (entry.kind === 'file') await write(path, entry);
    });
  }
  // Links come last: no file of the zip is written through one.
  for (const entry of entries) {
    if (entry.kind === 'symlink') await inZipsWords(entry.name, () => link(folder, entry));
  }
  // A file that is safe is found again only when its name is safe too.
  for (const path of ['', ...folders]) await syncFolder(join(folder, path));
}

/**
 * The folders that the entries are or lie in. A name may say thousands of them: with the entries they are no more than
 * `filesMax`.
 */
function foldersOf(entries: readonly ZipEntry[], filesMax: number): Set<string> {
  const folders = new Set<string>();
  for (const { kind, name } of entries) {
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    const path = parts.join('/');
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      folders.add(path.slice(0, end));
      if (folders.size + entries.length > filesMax) {
        throw new UnpackedTooLargeError(`more than ${filesMax} files and folders`);
      }
    }
    if (kind === 'folder') folders.add(path);
  }
  return folders;
}

/**
 * A zip may name one path as a file and as a folder, or have names that are too long for any disk. That is its fault,
 * not the disk's.
 */
async function inZipsWords(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENAMETOOLONG') throw new ZipError('a name is too long', { cause: error });
    if (code !== 'EISDIR' && code !== 'ENOTDIR' && code !== 'EEXIST') throw error;
    throw new ZipError(`${name} is there twice`, { cause: error });
  }
}

async function write(path: string, entry: ZipEntry): Promise<void> {
  const content = entry.content();
  await makeFolder(dirname(path), FOLDER_PERMISSIONS);
  // Never more than a plain file. Readable whatever the permissions and the umask say: functions run as another user.
  const mode = (entry.permissions ?? FILE_PERMISSIONS) | 0o444;
  await writeFile(path, content, { mode, flush: true });
  await chmod(path, mode);
}

async function link(folder: string, entry: ZipEntry): Promise<void> {
  const path = inside(folder, entry.name);
  const target = entry.content().toString();
  if (isAbsolute(target)) throw new ZipError(`the link ${entry.name} leads out of the zip`);
  inside(folder, relative(folder, resolve(dirname(path), target)));
  await makeFolder(dirname(path), FOLDER_PERMISSIONS);
  await symlink(target, path);
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
