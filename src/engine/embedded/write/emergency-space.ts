import { randomFillSync } from 'node:crypto';

import type { Clock } from '../../../support/clock.ts';
import { readWhole, type Disk } from '../disk.ts';

const PATH = 'reserve';
/** How often a full disk is probed for free space. */
const ASK_EVERY_MS = 100;

/**
 * Disk space set aside for work that frees space: a file without content of use, removed when the disk is full. Trims,
 * drops and rows can then still be written; records are refused until the file can be created again.
 */
export class EmergencySpace {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #bytes: number;
  #isKept = false;
  #askedMs = -Infinity;

  constructor(disk: Disk, clock: Clock, bytes: number) {
    this.#disk = disk;
    this.#clock = clock;
    this.#bytes = bytes;
  }

  /** False while the disk is full. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Finds or creates the file. */
  async open(): Promise<void> {
    if ((await this.#disk.list('.')).includes(PATH)) {
      this.#isKept = (await readWhole(this.#disk, PATH)).length === this.#bytes;
      if (this.#isKept) return;
    }
    await this.restore();
  }

  /** Frees the space; returns false when it was freed before. */
  async release(): Promise<boolean> {
    if (!this.#isKept) return false;
    this.#isKept = false;
    this.#askedMs = this.#clock.now();
    await this.#remove();
    return true;
  }

  /** Sets the space aside again if possible; true means that the disk is not full. */
  async restore(): Promise<boolean> {
    if (this.#isKept) return true;
    const nowMs = this.#clock.now();
    if (nowMs >= this.#askedMs && nowMs - this.#askedMs < ASK_EVERY_MS) return false;
    this.#askedMs = nowMs;
    try {
      await this.#make();
      this.#isKept = true;
    } catch {
      // Whatever the error: without the file there is no guarantee, and the next attempt will tell.
      await this.#remove().catch(() => undefined);
    }
    return this.#isKept;
  }

  async #make(): Promise<void> {
    await this.#remove();
    const file = await this.#disk.open(PATH, 'create');
    try {
      // Random bytes: some file systems store zeros without allocating space.
      await file.write([randomFillSync(Buffer.allocUnsafe(this.#bytes))], 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #remove(): Promise<void> {
    if ((await this.#disk.list('.')).includes(PATH)) await this.#disk.remove(PATH);
  }
}
