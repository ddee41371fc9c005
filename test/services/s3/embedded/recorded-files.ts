import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { realFiles, type Files, type OpenFile } from '../../../../src/services/s3/embedded/files.ts';
import { makeFolder } from '../../../../src/support/make-folder.ts';
import { PowerCut } from '../../../engine/simulation/faulty-disk.ts';
import type { DiskChange } from '../../../faults/disk-log.ts';
import { DiskModel } from '../../../faults/disk-model.ts';

/**
 * A data folder whose objects are recorded change by change, until the power is cut: what is durable by then is a
 * matter of the syncs, each name on its own. The engine's files lie beside them and are there as they are.
 */
export class RecordedFiles {
  readonly files: Files;
  readonly #folder: string;
  readonly #model = new DiskModel(() => 0);
  #syncs = 0n;
  /** Changes until the power is cut. */
  changesLeft: number;

  private constructor(folder: string, changesLeft: number) {
    this.#folder = folder;
    this.changesLeft = changesLeft;
    this.files = this.#recorded();
  }

  /** What lies in the folder already is durable. */
  static async on(folder: string, changesLeft: number): Promise<RecordedFiles> {
    const recorded = new RecordedFiles(folder, Infinity);
    const { ino: inode, mode } = await stat(folder, { bigint: true });
    recorded.#model.apply({ kind: 'root', inode, mode: Number(mode), path: folder });
    await recorded.#recordTree(folder);
    recorded.changesLeft = changesLeft;
    return recorded;
  }

  /** Writes what the power cut leaves: of names that no sync covers, those for which `random` is below its first number. */
  async survivors(target: string, random: () => number): Promise<void> {
    await rm(target, { recursive: true, force: true });
    await mkdir(target);
    await this.#model.writeSurvivor(target, 'loose', random);
    await cp(join(this.#folder, 'engine'), join(target, 'engine'), { recursive: true });
  }

  async #recordTree(path: string): Promise<void> {
    for (const { name, isFolder } of await realFiles.entries(path)) {
      const at = join(path, name);
      if (at === join(this.#folder, 'engine')) continue;
      const { ino: inode, mode } = await stat(at, { bigint: true });
      this.#change({ kind: isFolder ? 'makeFolder' : 'create', inode, mode: Number(mode), path: at });
      if (isFolder) {
        await this.#recordTree(at);
      } else {
        this.#change({ kind: 'write', inode, offset: 0, bytes: await realFiles.readFile(at) });
        this.#sync(inode);
      }
    }
    this.#sync((await stat(path, { bigint: true })).ino);
  }

  #change(change: DiskChange): void {
    this.#live();
    this.changesLeft--;
    this.#model.apply(change);
  }

  #sync(inode: bigint): void {
    const sync = ++this.#syncs;
    this.#change({ kind: 'syncBegin', inode, sync });
    this.#change({ kind: 'syncEnd', inode, sync });
  }

  #live(): void {
    if (this.changesLeft <= 0) throw new PowerCut('the power is cut');
  }

  async #syncPath(path: string): Promise<void> {
    this.#sync((await stat(path, { bigint: true })).ino);
  }

  #recorded(): Files {
    return {
      ...realFiles,
      open: async (path, flags) => {
        this.#live();
        const existed = await realFiles.exists(path);
        const file = await realFiles.open(path, flags);
        if (flags === 'r') return file;
        try {
          const { ino: inode, mode } = await stat(path, { bigint: true });
          if (!existed) this.#change({ kind: 'create', inode, mode: Number(mode), path });
          else if (flags === 'w') this.#change({ kind: 'truncate', inode, length: 0 });
          return this.#recordedFile(file, inode);
        } catch (error) {
          await file.close();
          throw error;
        }
      },
      rename: async (from, to) => {
        this.#live();
        await realFiles.rename(from, to);
        this.#change({ kind: 'rename', from, to });
      },
      rm: async (path, options) => {
        this.#live();
        const existed = await realFiles.exists(path);
        await realFiles.rm(path, options);
        if (existed) this.#change({ kind: 'unlink', path });
      },
      rmdir: async (path) => {
        this.#live();
        await realFiles.rmdir(path);
        this.#change({ kind: 'removeFolder', path });
      },
      mkdir: async (path) => {
        this.#live();
        for (const made of await makeFolder(path)) {
          const { ino: inode, mode } = await stat(made, { bigint: true });
          this.#change({ kind: 'makeFolder', inode, mode: Number(mode), path: made });
        }
      },
      syncFile: (path) => this.#syncPath(path),
      syncFolder: (path) => this.#syncPath(path),
    };
  }

  #recordedFile(file: OpenFile, inode: bigint): OpenFile {
    let end = 0;
    return {
      read: (into, offset, length, position) => file.read(into, offset, length, position),
      write: async (bytes, offset, length, position) => {
        this.#live();
        const { bytesWritten } = await file.write(bytes, offset, length, position);
        const written = Buffer.from(bytes.subarray(offset, offset + bytesWritten));
        this.#change({ kind: 'write', inode, offset: position ?? end, bytes: written });
        if (position === null) end += bytesWritten;
        return { bytesWritten };
      },
      truncate: async (length) => {
        this.#live();
        await file.truncate(length);
        this.#change({ kind: 'truncate', inode, length });
      },
      stat: () => file.stat(),
      datasync: async () => this.#sync(inode),
      close: () => file.close(),
    };
  }
}
