import { limits } from '../../../limits.ts';
import { writeFile } from './apply.ts';
import { isNoSpace, type Files } from './files.ts';

/** Room set aside on the disk, so that objects can be deleted when it is full: deleting is written down first. */
export class Reserve {
  readonly #files: Files;
  readonly #path: string;
  #kept = false;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
  }

  /** Sets it aside; when there is no room now, the next call tries again. */
  async keep(): Promise<void> {
    if (this.#kept) return;
    try {
      await writeFile(this.#files, this.#path, Buffer.alloc(limits.objectReserveBytes));
      this.#kept = true;
    } catch (error) {
      if (!isNoSpace(error)) throw error;
    }
  }

  /** Runs `work`, once more with the room when there is none otherwise. */
  async use<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      await this.#files.rm(this.#path, { force: true });
      this.#kept = false;
      return await work();
    }
  }
}
