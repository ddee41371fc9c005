import { sharedLimits } from './limits.ts';
import type { SharedFrame, SharedLog } from './shared-log.ts';

/** Tells the frames that the log had before a standby came to follow it from those that it is given as they are written. */
export class Backlog {
  readonly #log: Pick<SharedLog, 'bounds'>;
  /** Frames below it are the backlog; undefined when it is not known yet. */
  #end: number | undefined;
  #hasCaughtUp = false;

  constructor(log: Pick<SharedLog, 'bounds'>) {
    this.#log = log;
  }

  /** Whether frames that have arrived together are of the backlog. Rejects when the store does not answer. */
  async has(frames: readonly SharedFrame[]): Promise<boolean> {
    const position = frames[0]?.position ?? 0;
    if (this.#hasCaughtUp) return false;
    if (this.#end === undefined || position >= this.#end) {
      // Meanwhile more may have come than is soon applied.
      const { next } = await this.#log.bounds();
      this.#end = next;
      this.#hasCaughtUp = next - position <= sharedLimits.runFramesMax;
    }
    return !this.#hasCaughtUp;
  }
}
