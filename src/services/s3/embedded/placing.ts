import { dirname } from 'node:path';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import { isMissing, systemCode, type Files } from './files.ts';
import type { Layout } from './layout.ts';

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** A deletion may remove a folder as empty between its making and the rename into it. */
const PLACE_ATTEMPTS = 10;

/**
 * Moves staged files to their places in the buckets' folders, and removes them again; makes and removes the folders
 * between. A rename becomes durable as soon as either of its folders is synced, and the staging folder is synced for
 * every large object. If the folder that a file has moved into were not durable by then, a power cut would leave the
 * file nowhere. So the names of new folders are synced before a file is moved into them, unless the log of contents
 * has its bytes.
 */
export class Placing {
  readonly #files: Files;
  readonly #layout: Layout;
  /** By bucket. Folders are made exclusively, so a rename never goes into one that was not looked at. */
  readonly #locks = new KeyedLock();
  /** Folders whose names may not be durable yet; the symbol changes when the folder is made again. */
  readonly #unsynced = new Map<string, symbol>();

  constructor(files: Files, layout: Layout) {
    this.#files = files;
    this.#layout = layout;
  }

  /** The new name is not durable before `sync`; the file itself survives under one of its names from here on. */
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

  /** Removes the file, and the folders of the bucket that are empty then. */
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

  /** Makes durable which names there are of these objects' files, and of the folders on the way to them. */
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

  /** The outermost first: a name is durable when those above it are. */
  async #syncNew(bucket: string, path: string): Promise<void> {
    for (const folder of this.#foldersIn(bucket, path).toReversed()) {
      if (!this.#unsynced.has(folder)) continue;
      await this.#syncFolder(dirname(folder));
      this.#unsynced.delete(folder);
    }
  }

  /** A folder that is gone by now needs nothing: the folder above it tells. */
  async #syncFolder(folder: string): Promise<void> {
    try {
      await this.#files.syncFolder(folder);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** From that of the file up to the one in the bucket's folder. */
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
