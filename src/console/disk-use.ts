import { opendir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../support/clock.ts';
import { consoleLimits } from './limits.ts';

/** What a folder below the data folder takes. */
export interface PartUse {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  /** False if there are more files than were read. */
  readonly isWhole: boolean;
}

export interface DiskUse {
  readonly folder: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** The largest first. */
  readonly parts: readonly PartUse[];
}

/** Measures the data folder, at most once in a while however many pages ask. */
export class DiskUses {
  readonly #folder: string;
  readonly #clock: Clock;
  #measured: Promise<DiskUse> | undefined;
  #measuredMs = 0;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  measure(): Promise<DiskUse> {
    const nowMs = this.#clock.now();
    if (this.#measured === undefined || nowMs - this.#measuredMs >= consoleLimits.diskUseMs) {
      this.#measuredMs = nowMs;
      this.#measured = diskUse(this.#folder);
    }
    return this.#measured;
  }
}

async function diskUse(folder: string): Promise<DiskUse> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const parts: PartUse[] = [];
  for await (const entry of await opendir(folder)) {
    if (entry.isDirectory()) parts.push(await partUse(folder, entry.name));
  }
  parts.sort((left, right) => right.bytes - left.bytes);
  return { folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize, parts };
}

async function partUse(folder: string, name: string): Promise<PartUse> {
  let files = 0;
  let bytes = 0;
  const folders = [join(folder, name)];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    // Files come and go while they are read.
    const entries = await opendir(next).catch(() => []);
    for await (const entry of entries) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else {
        bytes += await stat(path).then(
          ({ blocks }) => blocks * 512,
          () => 0,
        );
        files++;
      }
      if (files >= consoleLimits.diskUseFilesMax) return { name, files, bytes, isWhole: false };
    }
  }
  return { name, files, bytes, isWhole: true };
}
