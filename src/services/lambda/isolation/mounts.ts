import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Limit for a folder that is not a mount point itself. */
const ENTRIES_MAX = 500;

interface MountPoint {
  readonly path: string;
  readonly noexec: boolean;
}

/** The mount points of this process, outer ones before those inside them. */
export function mountPoints(text = readFileSync('/proc/self/mountinfo', 'utf8')): MountPoint[] {
  const points = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, , , , path = '/', options = '']) => ({
      path: path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      noexec: options.split(',').includes('noexec'),
    }));
  return points.toSorted((one, other) => one.path.length - other.path.length);
}

export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('../') && way !== '..');
}

/** A file system table as `mount -a` reads it. */
export class MountTable {
  readonly #root: string;
  readonly #points = mountPoints();
  readonly #lines: string[] = [];
  readonly #folders = new Set<string>();
  readonly #files = new Set<string>();
  /** Paths mounted at their own location: everything inside them is visible. */
  readonly #visible: string[] = [];

  /** `root` is the folder that will become the new root. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Makes a file or folder of this machine visible at its own path, read-only. Does nothing when it is missing. */
  show(path: string): void {
    if (path === '/' || this.#visible.some((shown) => isWithin(path, shown)) || !existsSync(path)) return;
    this.#visible.push(path);
    this.showAs(path, path);
  }

  /**
   * Makes the entries of a folder visible that only its owner may enter: another user can then see those entries that
   * are open. Throws when there are too many entries to mount.
   */
  showEntries(folder: string, hidden: readonly string[]): void {
    const names = readdirSync(folder);
    if (names.length > ENTRIES_MAX)
      throw new Error(`${folder} is closed to other users; run: chmod o+rx ${folder}`);
    this.#makeTarget(folder, true);
    for (const name of names) {
      const path = join(folder, name);
      if (!hidden.includes(path)) this.show(path);
    }
  }

  /** Makes a file or folder of this machine visible at another path. */
  showAs(path: string, target: string): void {
    const isFolder = statSync(path).isDirectory();
    this.#makeTarget(target, isFolder);
    const mount = this.#points.findLast((point) => isWithin(path, point.path));
    // A remount must repeat the flags that a mount already has: they cannot be cleared.
    const flags = ['ro', 'nosuid', 'nodev', ...(mount?.noexec === true ? ['noexec'] : [])].join(',');
    this.#add(path, target, 'none', isFolder ? `rbind,${flags}` : `bind,${flags}`);
    if (!isFolder) return;
    for (const inner of this.#points) {
      if (inner.path === path || !isWithin(inner.path, path)) continue;
      const at = `${target}/${relative(path, inner.path)}`;
      this.#add('none', at, 'none', `remount,bind,ro,nosuid,nodev${inner.noexec ? ',noexec' : ''}`);
    }
  }

  device(path: string): void {
    if (!existsSync(path)) return;
    this.#makeTarget(path, false);
    this.#add(path, path, 'none', 'bind');
  }

  /** Keeps a folder of the new root writable although the rest is read-only. */
  writable(path: string): void {
    this.#makeTarget(path, true);
    this.#add(`${this.#root}${path}`, path, 'none', 'bind,nosuid,nodev');
  }

  mount(type: string, path: string, options: string): void {
    this.#makeTarget(path, true);
    this.#add(type, path, type, options);
  }

  /** Hides paths that would otherwise be visible inside a mounted folder. */
  hide(paths: readonly string[]): void {
    const covered: string[] = [];
    for (const path of paths.toSorted((one, other) => one.length - other.length)) {
      const isSeen = this.#visible.some((shown) => isWithin(path, shown)) && existsSync(path);
      if (!isSeen || covered.some((folder) => isWithin(path, folder))) continue;
      covered.push(path);
      if (statSync(path).isDirectory()) this.#add('tmpfs', path, 'tmpfs', 'ro,nosuid,nodev,size=4k,mode=555');
      else this.#add('/dev/null', path, 'none', 'bind');
    }
  }

  /** Folders below the new root that the mounts need. */
  get folders(): readonly string[] {
    return [...this.#folders];
  }

  get files(): readonly string[] {
    return [...this.#files];
  }

  text(): string {
    const rootIsReadOnly = this.#line('none', '', 'none', 'remount,bind,ro,nosuid,nodev');
    return [...this.#lines, rootIsReadOnly, ''].join('\n');
  }

  #makeTarget(target: string, isFolder: boolean): void {
    this.#folders.add((isFolder ? target : dirname(target)).slice(1) || '.');
    if (!isFolder) this.#files.add(target.slice(1));
  }

  #add(source: string, target: string, type: string, options: string): void {
    this.#lines.push(this.#line(source, target, type, options));
  }

  #line(source: string, target: string, type: string, options: string): string {
    return `${field(source)} ${field(this.#root + target)} ${type} ${options} 0 0`;
  }
}

function field(text: string): string {
  return text.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
