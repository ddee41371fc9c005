import type { Disk, DiskFile } from '../../../../src/engine/embedded/disk.ts';
import type { Files, OpenFile } from '../../../../src/services/s3/embedded/files.ts';
import { PowerCut, type FaultyDisk } from '../../../engine/simulation/faulty-disk.ts';

/** What one life of a process sees of the disk: nothing works any more when it has ended. */
export class Life {
  readonly disk: Disk;
  readonly files: Files;
  #hasEnded = false;

  constructor(disk: FaultyDisk) {
    this.disk = mortal(disk, () => this.#check());
    this.files = mortal(filesOn(disk), () => this.#check());
  }

  end(): void {
    this.#hasEnded = true;
  }

  #check(): void {
    if (this.#hasEnded) throw new PowerCut('the process has ended');
  }
}

function mortal<Target extends object>(target: Target, check: () => void): Target {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        check();
        const result: unknown = await Reflect.apply(member, object, args);
        check();
        return name === 'open' ? mortal(result as object, check) : result;
      };
    },
  });
}

/** Folders are names with something below them; making and removing them is nothing. */
function filesOn(disk: FaultyDisk): Files {
  const isThere = (path: string): boolean =>
    [...disk.files().keys()].some((name) => name === path || name.startsWith(`${path}/`));
  const open = async (path: string, flags: string): Promise<OpenFile> => {
    const exists = disk.files().has(path);
    if (flags === 'wx' || (flags === 'w' && !exists)) return fileOn(await disk.open(path, 'create'));
    const file = await disk.open(path, flags === 'r' ? 'read' : 'write');
    if (flags === 'w') await file.truncate(0);
    return fileOn(file);
  };
  return {
    open,
    async readFile(path) {
      const file = await disk.open(path, 'read');
      const bytes = Buffer.alloc(await file.size());
      await file.read(bytes, 0);
      return bytes;
    },
    readdir: async (path) => (await entries(path)).map(({ name }) => name),
    entries,
    rename: (from, to) => disk.rename(from, to),
    async rm(path) {
      for (const name of disk.files().keys()) {
        if (name === path || name.startsWith(`${path}/`)) await disk.remove(name);
      }
    },
    rmdir: async () => undefined,
    mkdir: () => disk.makeFolder(),
    exists: async (path) => isThere(path),
    async syncFile(path) {
      const file = await disk.open(path, 'write');
      await file.sync();
    },
    syncFolder: (path) => disk.syncFolder(path),
  };

  async function entries(path: string): Promise<{ name: string; isFolder: boolean }[]> {
    await disk.list(path);
    const found = new Map<string, boolean>();
    for (const name of disk.files().keys()) {
      if (!name.startsWith(`${path}/`)) continue;
      const [first = '', ...rest] = name.slice(path.length + 1).split('/');
      found.set(first, rest.length > 0);
    }
    return [...found].map(([name, isFolder]) => ({ name, isFolder }));
  }
}

function fileOn(file: DiskFile): OpenFile {
  let at = 0;
  return {
    async read(into, offset, length, position) {
      return { bytesRead: await file.read(into.subarray(offset, offset + length), position) };
    },
    async write(bytes, offset, length, position) {
      await file.write([Buffer.from(bytes.subarray(offset, offset + length))], position ?? at);
      if (position === null) at += length;
      return { bytesWritten: length };
    },
    truncate: (length) => file.truncate(length),
    stat: async () => ({ size: await file.size() }),
    datasync: () => file.sync(),
    close: () => file.close(),
  };
}
