import { sleep, type Clock } from '../support/clock.ts';
import { queueLimits } from './limits.ts';

export interface LaneFinderOptions {
  readonly clock: Clock;
  /** The first lane after the given one that has a waiting message. */
  readonly nextLane: (after: string | undefined) => Promise<string | undefined>;
  /** Whether another lane may come into memory, which may send one to disk. */
  readonly makeRoom: () => boolean;
  readonly onFound: (lane: string) => void;
  readonly onFault: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Finds the lanes that have messages on disk and are not in memory: those of earlier runs, and those for which there
 * was no room. It scans all lanes in the order of their names while there is room. It starts again when a message of a
 * lane that was left out becomes due.
 */
export class LaneFinder {
  readonly #options: LaneFinderOptions;
  /** The earliest due time in lanes that the present pass does not find; Infinity when there are none. */
  #dueMs = 0;
  #isUnderway = false;
  #after: string | undefined;
  #running: Promise<void> | undefined;
  #cancelWake = (): void => {};

  constructor(options: LaneFinderOptions) {
    this.#options = options;
  }

  /** Until a pass has found all lanes, one that is not in memory may have messages on disk. */
  get mayFindMore(): boolean {
    return this.#isUnderway || this.#dueMs < Infinity;
  }

  /** Records that a lane with messages on disk is not in memory, and when its first message is due. */
  leaveOut(dueMs: number): void {
    this.#dueMs = Math.min(this.#dueMs, dueMs);
  }

  /** Continues the scan if there is room or a message is due; returns immediately. */
  poke(): void {
    const { clock, makeRoom, signal } = this.#options;
    if (signal.aborted || this.#running !== undefined || !this.mayFindMore) return;
    this.#cancelWake();
    const waitMs = this.#isUnderway ? 0 : this.#dueMs - clock.now();
    if (waitMs > 0) this.#cancelWake = clock.schedule(waitMs, () => this.poke());
    else if (makeRoom()) {
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        this.poke();
      });
    }
  }

  async close(): Promise<void> {
    this.#cancelWake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, nextLane, makeRoom, onFound, onFault, signal } = this.#options;
    if (!this.#isUnderway) {
      this.#isUnderway = true;
      this.#dueMs = Infinity;
      this.#after = undefined;
    }
    while (!signal.aborted && makeRoom()) {
      try {
        this.#after = await nextLane(this.#after);
      } catch (error) {
        if (signal.aborted) return;
        onFault(error);
        await sleep(clock, queueLimits.faultRetryMs, signal);
        continue;
      }
      if (this.#after === undefined) {
        this.#isUnderway = false;
        return;
      }
      onFound(this.#after);
    }
  }
}
