import { createHash } from 'node:crypto';
import { copyFile, link, lstat, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FOLDER_PERMISSIONS } from '../code/unpack.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import { makeFolder } from '../../../support/make-folder.ts';
import type { CodeStore } from '../code/code-store.ts';
import type { FunctionLayer } from './layer-row.ts';

/**
 * What functions find in /opt: for each list of layers a folder with the files of all of them, of which later ones
 * replace earlier ones. The files are hard links, so they take no space. The folders are made again by each run of the
 * server, when a function first needs them.
 */
export class LayerFolders {
  readonly #folder: string;
  readonly #code: CodeStore;
  readonly #locks = new KeyedLock();
  readonly #made = new Set<string>();

  private constructor(folder: string, code: CodeStore) {
    this.#folder = folder;
    this.#code = code;
  }

  /** What an earlier run left in the folder is removed. */
  static async open(folder: string, code: CodeStore): Promise<LayerFolders> {
    await makeFolder(folder);
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
    return new LayerFolders(folder, code);
  }

  /** Undefined without layers. */
  pathOf(layers: readonly FunctionLayer[]): string | undefined {
    return layers.length === 0 ? undefined : join(this.#folder, keyOf(layers));
  }

  /** Makes the folder, after it has verified the contents of the layers. Throws DamagedDataError. */
  async prepare(layers: readonly FunctionLayer[]): Promise<void> {
    if (layers.length === 0) return;
    const key = keyOf(layers);
    await this.#locks.exclusive(key, async () => {
      if (this.#made.has(key)) return;
      const incoming = join(this.#folder, `.incoming-${key}`);
      await rm(incoming, { recursive: true, force: true });
      await makeFolder(incoming, FOLDER_PERMISSIONS);
      for (const { layer, sha256 } of layers) {
        await this.#code.check(layer, sha256);
        await linkTree(this.#code.folder(layer, sha256), incoming);
      }
      await rm(join(this.#folder, key), { recursive: true, force: true });
      await rename(incoming, join(this.#folder, key));
      this.#made.add(key);
    });
  }

  /** Removes the folder unless a function still has these layers. */
  async released(layers: readonly FunctionLayer[], isUsed: () => boolean): Promise<void> {
    if (layers.length === 0) return;
    const key = keyOf(layers);
    await this.#locks.exclusive(key, async () => {
      if (isUsed() || !this.#made.delete(key)) return;
      await rm(join(this.#folder, key), { recursive: true, force: true });
    });
  }
}

export function keyOf(layers: readonly FunctionLayer[]): string {
  const text = layers.map(({ layer, sha256 }) => `${layer}:${sha256}`).join('\n');
  return createHash('sha256').update(text).digest('hex');
}

async function linkTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const present = await lstat(target).catch(() => undefined);
    if (present !== undefined && !(entry.isDirectory() && present.isDirectory())) {
      await rm(target, { recursive: true });
    }
    if (entry.isDirectory()) {
      await makeFolder(target, FOLDER_PERMISSIONS);
      await linkTree(source, target);
    } else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await linkOrCopy(source, target);
  }
}

/** Some file systems have no hard links, or too few for one file. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error;
    await copyFile(source, target);
  }
}
