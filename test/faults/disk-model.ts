import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DiskFile } from './disk-file.ts';
import type { DiskChange } from './disk-log.ts';

/**
 * How the file system keeps names: in the order of a journal, or each on its own until its folder is synced. A rename
 * between two folders is one change for both: it is on the disk when one of them has been synced since.
 */
export type NameOrder = 'journal' | 'loose';

type Node = DiskFile | Folder | Link;

interface Link {
  readonly kind: 'link';
  readonly target: string;
}

class Folder {
  readonly kind = 'folder';
  mode: number;
  /** As the running system sees it. */
  readonly present = new Map<string, Node>();
  readonly durable = new Map<string, Node>();
  pending: PendingName[] = [];

  constructor(mode: number) {
    this.mode = mode;
  }
}

interface PendingName {
  readonly order: number;
  /** Both names of a rename are one change. */
  readonly change: number;
  readonly name: string;
  readonly node: Node | undefined;
}

/** What a system call of the server made of its data folder, and what of it a power cut may leave. */
export class DiskModel {
  #root: Folder | undefined;
  #rootPath = '';
  readonly #inodes = new Map<bigint, DiskFile | Folder>();
  readonly #syncs = new Map<string, number>();
  /** Changes of names that are surely on the disk, and the newest of them. */
  readonly #durableChanges = new Set<number>();
  #durableChange = 0;
  #order = 0;
  readonly #random: () => number;

  /** `random` decides what a failed sync loses. */
  constructor(random: () => number) {
    this.#random = random;
  }

  apply(change: DiskChange): void {
    this.#order++;
    switch (change.kind) {
      case 'root':
        this.#syncs.clear();
        this.#rootPath = change.path;
        this.#root ??= new Folder(change.mode);
        this.#inodes.set(change.inode, this.#root);
        return;
      case 'create':
        return this.#make(change.path, change.inode, new DiskFile(change.mode));
      case 'makeFolder':
        return this.#make(change.path, change.inode, new Folder(change.mode));
      case 'symlink':
        return this.#setName(change.path, { kind: 'link', target: change.target });
      case 'write':
        return this.#file(change.inode)?.write(this.#order, change.offset, change.bytes);
      case 'truncate':
        return this.#file(change.inode)?.truncate(this.#order, change.length);
      case 'chmod': {
        const node = this.#inodes.get(change.inode);
        if (node !== undefined) node.mode = change.mode;
        return;
      }
      case 'syncBegin':
        this.#syncs.set(`${change.inode} ${change.sync}`, this.#order);
        return;
      case 'syncEnd':
      case 'syncFailed':
        return this.#endSync(change);
      case 'rename': {
        const node = this.#find(change.from);
        // What was not recorded, such as a socket, is not modelled.
        if (node === undefined) return;
        this.#setName(change.from, undefined);
        return this.#setName(change.to, node);
      }
      case 'link': {
        const node = this.#find(change.from);
        if (node !== undefined) this.#setName(change.to, node);
        return;
      }
      case 'unlink':
      case 'removeFolder':
        if (this.#find(change.path) !== undefined) this.#setName(change.path, undefined);
    }
  }

  /** As the running system sees its files: path to content. */
  present(): Map<string, Buffer> {
    const files = new Map<string, Buffer>();
    const visit = (folder: Folder, path: string): void => {
      for (const [name, node] of folder.present) {
        if (node.kind === 'folder') visit(node, join(path, name));
        else if (node.kind === 'file') files.set(join(path, name), node.present);
      }
    };
    if (this.#root !== undefined) visit(this.#root, '');
    return files;
  }

  /** Writes into an empty folder what a power cut now may leave of the whole. */
  async writeSurvivor(target: string, names: NameOrder, random: () => number): Promise<void> {
    if (this.#root === undefined) return;
    const isKept = this.#keptChanges(names, random);
    const contents = new Map<DiskFile, Buffer>();
    const visit = async (folder: Folder, path: string): Promise<void> => {
      const entries = new Map(folder.durable);
      for (const { name, node, change } of folder.pending) {
        if (!isKept(change)) continue;
        if (node === undefined) entries.delete(name);
        else entries.set(name, node);
      }
      for (const [name, node] of entries) {
        const at = join(path, name);
        if (node.kind === 'link') {
          await symlink(node.target, at);
        } else if (node.kind === 'folder') {
          await mkdir(at);
          await visit(node, at);
          await chmod(at, node.mode & 0o7777);
        } else {
          // Two names of a file have the same content.
          const content = contents.get(node) ?? node.survivor(random);
          contents.set(node, content);
          await writeFile(at, content, { mode: node.mode & 0o7777 });
        }
      }
    };
    await visit(this.#root, target);
  }

  #keptChanges(names: NameOrder, random: () => number): (change: number) => boolean {
    if (names === 'journal') {
      const last = this.#durableChange + Math.floor(random() * (this.#order - this.#durableChange + 1));
      return (change) => change <= last;
    }
    const kept = new Map<number, boolean>();
    const share = random();
    return (change) => {
      const known = kept.get(change) ?? (this.#durableChanges.has(change) || random() < share);
      kept.set(change, known);
      return known;
    };
  }

  #endSync({
    kind,
    inode,
    sync,
  }: Extract<DiskChange, { kind: 'syncBegin' | 'syncEnd' | 'syncFailed' }>): void {
    const key = `${inode} ${sync}`;
    const began = this.#syncs.get(key);
    this.#syncs.delete(key);
    const node = this.#inodes.get(inode);
    if (began === undefined || node === undefined) return;
    if (node.kind === 'file') {
      if (kind === 'syncFailed') node.lose(began, this.#random);
      else node.settle(began);
      return;
    }
    for (const { order, change, name, node: named } of node.pending) {
      if (order > began) continue;
      if (named === undefined) node.durable.delete(name);
      else node.durable.set(name, named);
      this.#durableChanges.add(change);
      this.#durableChange = Math.max(this.#durableChange, change);
    }
    node.pending = node.pending.filter(({ order }) => order > began);
  }

  #make(path: string, inode: bigint, node: DiskFile | Folder): void {
    this.#inodes.set(inode, node);
    this.#setName(path, node);
  }

  #setName(path: string, node: Node | undefined): void {
    const folder = this.#find(dirname(path));
    if (folder?.kind !== 'folder') return;
    const name = basename(path);
    if (node === undefined) folder.present.delete(name);
    else folder.present.set(name, node);
    folder.pending.push({ order: this.#order, change: this.#order, name, node });
  }

  #find(path: string): Node | undefined {
    if (path === this.#rootPath) return this.#root;
    let node: Node | undefined = this.#root;
    for (const name of path.slice(this.#rootPath.length + 1).split('/')) {
      if (node?.kind !== 'folder') return undefined;
      node = node.present.get(name);
    }
    return node;
  }

  #file(inode: bigint): DiskFile | undefined {
    const node = this.#inodes.get(inode);
    return node?.kind === 'file' ? node : undefined;
  }
}
