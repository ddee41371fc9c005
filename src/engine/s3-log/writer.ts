import { randomBytes } from 'node:crypto';
import { sleep, type Clock } from '../../support/clock.ts';
import { DeposedError } from '../shared/shared-log.ts';
import { s3LogLimits } from './limits.ts';
import { encodeSlot } from './slot.ts';
import type { Slots } from './slots.ts';

export const DEPOSED = 'another process owns the shared log';

export interface SlotWriterOptions {
  readonly slots: Slots;
  readonly clock: Clock;
  /** Between the beginnings of two writes. */
  readonly delayMs: number;
  readonly term: number;
  readonly takeoverSlot: number;
}

/**
 * Writes the frames of one owner, at most one object per delay, so that a user knows what an hour costs: meanwhile the
 * engine collects what becomes the next frame. A frame that follows a pause does not wait.
 */
export class SlotWriter {
  readonly term: number;
  readonly #options: SlotWriterOptions;
  #nextSlot: number;
  #waiting = 0;
  #writtenAtMs = -Infinity;
  /** Settles when the appends before have. */
  #appended: Promise<unknown> = Promise.resolve();
  #stoppedBy: Error | undefined;
  /** Ends the delay. */
  readonly #stopping = new AbortController();

  constructor(options: SlotWriterOptions) {
    this.term = options.term;
    this.#options = options;
    this.#nextSlot = options.takeoverSlot + 1;
  }

  append(frame: readonly Uint8Array[]): Promise<number> {
    if (this.#stoppedBy !== undefined) return Promise.reject(this.#stoppedBy);
    if (this.#waiting >= s3LogLimits.appendsWaitingMax) {
      return Promise.reject(new Error('too many appends to the shared log wait'));
    }
    this.#waiting++;
    const appending = this.#appended.then(() => this.#write(frame));
    this.#appended = appending.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return appending;
  }

  /** Rejects what waits, and resolves when nothing is under way any more. */
  async stop(reason: Error): Promise<void> {
    this.#stop(reason);
    await this.#appended;
  }

  async #write(frame: readonly Uint8Array[]): Promise<number> {
    const { slots, takeoverSlot } = this.#options;
    await this.#delay();
    const id = randomBytes(16);
    const body = encodeSlot({ id, takeoverSlot, keptFrom: takeoverSlot }, frame);
    for (;;) {
      const slot = this.#nextSlot;
      const found = await slots.create(slot, id, body, () => this.#requireRunning());
      if (found !== undefined && found.frame.term > this.term) {
        throw this.#stop(new DeposedError(DEPOSED));
      }
      // A frame of a lower term is void: the slot is taken, but the log is still this owner's.
      this.#nextSlot++;
      if (found === undefined) return slot;
    }
  }

  async #delay(): Promise<void> {
    const { clock, delayMs } = this.#options;
    // A clock that was set back must not delay for longer.
    const leftMs = Math.min(delayMs, this.#writtenAtMs + delayMs - clock.now());
    if (leftMs > 0) await sleep(clock, leftMs, this.#stopping.signal);
    this.#writtenAtMs = clock.now();
  }

  #requireRunning(): void {
    if (this.#stoppedBy !== undefined) throw this.#stoppedBy;
  }

  #stop(reason: Error): Error {
    this.#stoppedBy ??= reason;
    this.#stopping.abort();
    return this.#stoppedBy;
  }
}
