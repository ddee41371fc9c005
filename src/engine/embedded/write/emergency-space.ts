import { randomFillSync } from 'node:crypto';

import type { Clock } from '../../../support/clock.ts';
import { readWhole, type Disk } from '../disk.ts';

const PATH = 'reserve';
/** A full disk is not asked more often than that whether it has room again. */
const ASK_EVERY_MS = 100;

/**
 * Room kept for the work that frees room: a file of no other use, which goes when the disk is full. Trims, drops and
 * rows are then still written, records are not, until there is room for the file again.
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

  /** Finds the file, or makes it. */
  async open(): Promise<void> {
    if ((await this.#disk.list('.')).includes(PATH)) {
      this.#isKept = (await readWhole(this.#disk, PATH)).length === this.#bytes;
      if (this.#isKept) return;
    }
    await this.restore();
  }

  /** Gives the room free; false when it was given before. */
  async release(): Promise<boolean> {
    if (!this.#isKept) return false;
    this.#isKept = false;
    this.#askedMs = this.#clock.now();
    await this.#remove();
    return true;
  }

  /** Takes the room back when there is some: true means that the disk is not full. */
  async restore(): Promise<boolean> {
    if (this.#isKept) return true;
    const nowMs = this.#clock.now();
    if (nowMs >= this.#askedMs && nowMs - this.#askedMs < ASK_EVERY_MS) return false;
    this.#askedMs = nowMs;
    try {
      await this.#make();
      this.#isKept = true;
    } catch {
      // Whatever the disk says: without the file nothing is promised, and the next occasion will tell.
      await this.#remove().catch(() => undefined);
    }
    return this.#isKept;
  }

  async #make(): Promise<void> {
    await this.#remove();
    const file = await this.#disk.open(PATH, 'create');
    try {
      // Not zeros, which some file systems keep in no room at all.
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
