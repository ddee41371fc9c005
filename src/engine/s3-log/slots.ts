import type { Retrying } from '../shared/retrying.ts';
import { TrimmedError } from '../shared/shared-log.ts';
import { SlotError } from './errors.ts';
import { s3LogLimits } from './limits.ts';
import type { Objects } from './objects.ts';
import { decodeSlot, slotKey, type Slot } from './slot.ts';

/** The row of objects of one log. Its requests are repeated until they are answered. */
export class Slots {
  readonly #objects: Objects;
  readonly #prefix: string;
  readonly #retrying: Retrying;
  /** Aborts when this process has filled a slot. */
  #filling = new AbortController();

  constructor(objects: Objects, prefix: string, retrying: Retrying) {
    this.#objects = objects;
    this.#prefix = prefix;
    this.#retrying = retrying;
  }

  /**
   * Creates the object of a slot; returns undefined, or the slot that is there already. One that has the same id is
   * what an earlier attempt wrote, whose answer was lost: then undefined as well.
   */
  async create(slot: number, id: Buffer, body: Buffer, requireWanted: () => void): Promise<Slot | undefined> {
    const key = slotKey(this.#prefix, slot);
    let isUnwanted = false;
    return await this.#retrying.retry(
      async () => {
        isUnwanted = true;
        requireWanted();
        isUnwanted = false;
        if (await this.#objects.create(key, body)) return this.#filled();
        const bytes = await this.#objects.read(key);
        // Removed in between: the next attempt finds out what that means.
        if (bytes === undefined) throw new SlotError(key, 'it was removed');
        const found = decodeSlot(key, slot, bytes);
        return found.id.equals(id) ? this.#filled() : found;
      },
      () => isUnwanted,
    );
  }

  async read(slot: number, signal?: AbortSignal): Promise<Slot | undefined> {
    const key = slotKey(this.#prefix, slot);
    const bytes = await this.#retrying.retry(
      () => this.#objects.read(key, signal),
      (error) => error instanceof SlotError,
      signal,
    );
    return bytes === undefined ? undefined : decodeSlot(key, slot, bytes);
  }

  /** A slot that must be there. */
  async require(slot: number): Promise<Slot> {
    const found = await this.read(slot);
    if (found === undefined) throw new SlotError(slotKey(this.#prefix, slot), 'it is missing');
    return found;
  }

  /** The first slot that is not trimmed. */
  async first(signal?: AbortSignal): Promise<number> {
    const prefix = this.#markerPrefix;
    const markers = await this.#repeat(() => this.#objects.list(prefix, s3LogLimits.markersMax), signal);
    return Math.max(0, ...markers.map((key) => Number(key.slice(prefix.length)) || 0));
  }

  /** Slots are filled without gaps, so that the end is found by doubling steps and halving what is left. */
  async next(known: number): Promise<number> {
    const exists = (slot: number): Promise<boolean> =>
      this.#repeat(() => this.#objects.exists(slotKey(this.#prefix, slot)));
    let [low, step] = [known, 1];
    while (await exists(low + step - 1)) {
      low += step;
      step *= 2;
    }
    // All below `low` exist, and slot `high` does not.
    let high = low + step - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (await exists(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What readers learn first. The newest of the markers counts, so that the position never goes back. */
  async markTrimmed(before: number): Promise<void> {
    const prefix = this.#markerPrefix;
    const key = slotKey(prefix, before);
    await this.#repeat(() => this.#objects.create(key, Buffer.alloc(0)));
    for (const marker of await this.#repeat(() => this.#objects.list(prefix, s3LogLimits.markersMax))) {
      if (marker < key) await this.#repeat(() => this.#objects.delete(marker));
    }
  }

  async delete(slot: number): Promise<void> {
    await this.#repeat(() => this.#objects.delete(slotKey(this.#prefix, slot)));
  }

  /** Throws TrimmedError for a slot that is. */
  async requireKept(slot: number, signal?: AbortSignal): Promise<void> {
    const first = await this.first(signal);
    if (slot < first) throw new TrimmedError(first);
  }

  /** Taken before a slot is asked for, and given to `pause`. */
  get filling(): AbortSignal {
    return this.#filling.signal;
  }

  /** Until a slot may exist that did not; what this process itself fills is there at once. */
  pause(signal: AbortSignal, filling: AbortSignal): Promise<void> {
    return this.#retrying.pause(s3LogLimits.pollMs, signal, filling);
  }

  #filled(): undefined {
    this.#filling.abort();
    this.#filling = new AbortController();
  }

  get #markerPrefix(): string {
    return `${this.#prefix}trimmed/`;
  }

  #repeat<Result>(attempt: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return this.#retrying.retry(attempt, () => false, signal);
  }
}
