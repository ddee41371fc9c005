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
/** Functions may run as another user. The parent folder keeps out everyone else. */
export const FOLDER_PERMISSIONS = 0o755;

/**
 * Writes the content of a zip to `folder`, which must be new, and syncs all of it. Writes nothing outside the folder,
 * whatever names and symbolic links the zip contains. Throws ZipError, UnpackedTooLargeError.
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
  // Create links last, so that no file is written through one.
  for (const entry of entries) {
    if (entry.kind === 'symlink') await inZipsWords(entry.name, () => link(folder, entry));
  }
  // A file is durable only when its directory entry is durable too.
  for (const path of ['', ...folders]) await syncFolder(join(folder, path));
}

/**
 * The folders that the entries are or lie in. One name may contain thousands of folders: with the entries they must not
 * exceed `filesMax`.
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
 * Reports errors that the zip causes (one path as a file and as a folder, a name too long for the file system) as
 * ZipError instead of disk errors.
 */
async function inZipsWords(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENAMETOOLONG') throw new ZipError('a name is too long', { cause: error });
    if (code !== 'EISDIR' && code !== 'ENOTDIR' && code !== 'EEXIST') throw error;
    throw new ZipError(`${name} is in the zip twice`, { cause: error });
  }
}

async function write(path: string, entry: ZipEntry): Promise<void> {
  const content = entry.content();
  await makeFolder(dirname(path), FOLDER_PERMISSIONS);
  // Regular permission bits only, and always readable, whatever the zip and the umask say: functions run as another
  // user.
  const mode = (entry.permissions ?? FILE_PERMISSIONS) | 0o444;
  await writeFile(path, content, { mode, flush: true });
  await chmod(path, mode);
}

async function link(folder: string, entry: ZipEntry): Promise<void> {
  const path = inside(folder, entry.name);
  const target = entry.content().toString();
  if (isAbsolute(target)) throw new ZipError(`the link ${entry.name} points outside the zip`);
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
    throw new ZipError(`the name ${JSON.stringify(name)} points outside the zip`);
  }
  return path;
}
