import { dirname } from 'node:path';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import { isMissing, systemCode, type Files } from './files.ts';
import type { Layout } from './layout.ts';

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** A deletion may remove an empty folder between its creation and the rename into it. */
const PLACE_ATTEMPTS = 10;

/**
 * Moves staged files to their places in the buckets' folders and removes them, creating and removing folders as needed.
 * A rename becomes durable as soon as either of its folders is synced, and the staging folder is synced for every large
 * object. If the target folder were not durable by then, a power failure would lose the file. So the names of new
 * folders are synced before a file is moved into them, unless the content log has its bytes.
 */
export class Placing {
  readonly #files: Files;
  readonly #layout: Layout;
  /** Per bucket. Folders are created exclusively, so a rename only goes into folders that were checked. */
  readonly #locks = new KeyedLock();
  /** Folders whose names may not be durable yet; the symbol changes when the folder is created again. */
  readonly #unsynced = new Map<string, symbol>();

  constructor(files: Files, layout: Layout) {
    this.#files = files;
    this.#layout = layout;
  }

  /** The new name is not durable before `sync`; from here on the file survives under one of its names. */
  async place(
    staged: string,
    { bucket, key }: ObjectName,
    { isLogged }: { readonly isLogged: boolean },
  ): Promise<void> {
    const path = this.#layout.data(bucket, key);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#locks.shared(bucket, async () => {
          if (!isLogged) await this.#syncNew(bucket, path);
          await this.#files.rename(staged, path);
        });
      } catch (error) {
        if (systemCode(error) !== 'ENOENT' || attempt === PLACE_ATTEMPTS) throw error;
        if (!(await this.#files.exists(staged))) throw error;
      }
      await this.#locks.exclusive(bucket, () => this.#make(bucket, path));
    }
  }

  /** Removes the file, and folders of the bucket that become empty. */
  async remove({ bucket, key }: ObjectName): Promise<void> {
    const path = this.#layout.data(bucket, key);
    await this.#files.rm(path, { force: true });
    await this.#locks.shared(bucket, async () => {
      for (const folder of this.#foldersIn(bucket, path)) {
        try {
          await this.#files.rmdir(folder);
        } catch (error) {
          if (isMissing(error)) continue;
          if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) return;
          throw error;
        }
      }
    });
  }

  /** Makes the names of these objects' files durable, and of the folders above them. */
  async sync(objects: Iterable<ObjectName>): Promise<void> {
    const folders = new Set<string>();
    for (const { bucket, key } of objects) {
      for (const folder of foldersOf(this.#layout.data(bucket, key), this.#layout.root)) folders.add(folder);
    }
    const before = new Map(this.#unsynced);
    for (const folder of folders) await this.#syncFolder(folder);
    for (const folder of folders) {
      if (this.#unsynced.get(folder) === before.get(folder)) this.#unsynced.delete(folder);
    }
  }

  async #make(bucket: string, path: string): Promise<void> {
    try {
      await this.#files.mkdir(dirname(path));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    } finally {
      for (const folder of this.#foldersIn(bucket, path)) this.#unsynced.set(folder, Symbol('made'));
    }
  }

  /** Outermost first: a name is durable only when those above it are. */
  async #syncNew(bucket: string, path: string): Promise<void> {
    for (const folder of this.#foldersIn(bucket, path).toReversed()) {
      if (!this.#unsynced.has(folder)) continue;
      await this.#syncFolder(dirname(folder));
      this.#unsynced.delete(folder);
    }
  }

  /** A folder that was removed meanwhile needs no sync: the folder above covers it. */
  async #syncFolder(folder: string): Promise<void> {
    try {
      await this.#files.syncFolder(folder);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** From the file's folder up to the one directly in the bucket's folder. */
  #foldersIn(bucket: string, path: string): string[] {
    return foldersOf(path, this.#layout.bucketFolder(bucket)).slice(0, -1);
  }
}

/** The folders from that of `path` up to `root`. */
export function foldersOf(path: string, root: string): string[] {
  const folders: string[] = [];
  for (let at = dirname(path); at.length >= root.length; at = dirname(at)) folders.push(at);
  return folders;
}
