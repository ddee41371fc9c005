import fs from 'node:fs';
import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { unfenced, type Fence } from '../../support/fence.ts';
import { makeFolder, PRIVATE_FILE_MODE } from '../../support/make-folder.ts';
import { syncFolder } from '../../support/sync.ts';
import type { Disk, DiskFile } from './disk.ts';

const FLAGS = { create: 'wx+', write: 'r+', read: 'r' } as const;

/**
 * The real disk, below `root`. Uses the callback API of fs: it costs half as much as FileHandle's promises. The fence
 * is checked after each sync, so that what it covers may be acknowledged, and before names change.
 */
export function nodeDisk(root: string, fence: Fence = unfenced): Disk {
  const at = (path: string): string => join(root, path);
  /** The path, once the fence has confirmed that it may still be changed. */
  const own = (path: string): string => {
    fence.check();
    return at(path);
  };
  return {
    open: async (path, mode) => {
      const handle = await openFile(mode === 'read' ? at(path) : own(path), FLAGS[mode]);
      return new NodeFile(handle, fence);
    },
    makeFolder: async (path) => void (await makeFolder(at(path))),
    list: (path) => readdir(at(path)),
    rename: async (from, to) => await rename(own(from), at(to)),
    remove: async (path) => await unlink(own(path)),
    syncFolder: async (path) => {
      await syncFolder(at(path));
      fence.check();
    },
  };
}

/** Size of the files below `root`; for tests, benchmarks and the console. */
export async function folderBytes(root: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

function openFile(path: string, flags: string): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, flags, PRIVATE_FILE_MODE, (error, handle) =>
      error === null ? resolve(handle) : reject(error),
    );
  });
}

class NodeFile implements DiskFile {
  readonly #handle: number;
  readonly #fence: Fence;

  constructor(handle: number, fence: Fence) {
    this.#handle = handle;
    this.#fence = fence;
  }

  async write(pieces: readonly Uint8Array[], position: number): Promise<void> {
    let left = pieces;
    let at = position;
    while (left.length > 0) {
      const written = await this.#writev(left, at);
      at += written;
      left = without(left, written);
    }
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const count = await this.#readOnce(into, filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  async sync(): Promise<void> {
    await this.#call((done) => fs.fdatasync(this.#handle, done));
    this.#fence.check();
  }

  truncate(length: number): Promise<void> {
    return this.#call((done) => fs.ftruncate(this.#handle, length, done));
  }

  size(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#handle, (error, info) => (error === null ? resolve(info.size) : reject(error)));
    });
  }

  close(): Promise<void> {
    return this.#call((done) => fs.close(this.#handle, done));
  }

  #writev(pieces: readonly Uint8Array[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.writev(this.#handle, pieces, position, (error, written) =>
        error === null ? resolve(written) : reject(error),
      );
    });
  }

  #readOnce(into: Uint8Array, offset: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#handle, into, offset, into.length - offset, position, (error, count) =>
        error === null ? resolve(count) : reject(error),
      );
    });
  }

  #call(start: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      start((error) => (error === null || error === undefined ? resolve() : reject(error)));
    });
  }
}

/** What is left to write after a short write. */
function without(pieces: readonly Uint8Array[], written: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = written;
  for (const piece of pieces) {
    if (skip >= piece.length) skip -= piece.length;
    else {
      left.push(skip === 0 ? piece : piece.subarray(skip));
      skip = 0;
    }
  }
  return left;
}
