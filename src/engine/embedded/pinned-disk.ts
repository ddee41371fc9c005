import type { Disk, DiskFile } from './disk.ts';

/** A disk whose files are not removed while something reads them: their removal waits until then. */
export class PinnedDisk implements Disk {
  readonly #disk: Disk;
  /** How many readers need a file. */
  readonly #pins = new Map<string, number>();
  /** Pinned files that are to be removed. After a crash, recovery removes what no store names. */
  readonly #doomed = new Set<string>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Keeps the files until the returned function is called, which resolves when those to be removed are gone. */
  pin(paths: readonly string[]): () => Promise<void> {
    for (const path of paths) this.#pins.set(path, (this.#pins.get(path) ?? 0) + 1);
    let isReleased = false;
    return async () => {
      if (isReleased) return;
      isReleased = true;
      for (const path of paths) await this.#unpin(path);
    };
  }

  open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile> {
    return this.#disk.open(path, mode);
  }

  makeFolder(path: string): Promise<void> {
    return this.#disk.makeFolder(path);
  }

  list(path: string): Promise<string[]> {
    return this.#disk.list(path);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#disk.rename(from, to);
  }

  async remove(path: string): Promise<void> {
    if (this.#pins.has(path)) this.#doomed.add(path);
    else await this.#disk.remove(path);
  }

  syncFolder(path: string): Promise<void> {
    return this.#disk.syncFolder(path);
  }

  async #unpin(path: string): Promise<void> {
    const pins = (this.#pins.get(path) ?? 1) - 1;
    if (pins > 0) {
      this.#pins.set(path, pins);
      return;
    }
    this.#pins.delete(path);
    if (!this.#doomed.delete(path)) return;
    // A leftover costs room until the next start, which removes it.
    await this.#disk.remove(path).catch(() => undefined);
  }
}
