import type { Clock } from '../support/clock.ts';
import type { BatchOptions } from './batch.ts';
import { consumerLimits } from './limits.ts';
import type { StreamRecord } from './source.ts';

export interface LaneRecord {
  readonly record: StreamRecord;
  readonly bytes: number;
  /** Marks the record as handled in the shard's progress. */
  readonly markHandled: () => void;
}

/**
 * The records of a shard that wait for their batch, in order. A shard has one lane or several; records with the same
 * partition key always use the same lane.
 */
export class ShardLane {
  busy = false;
  readonly #options: BatchOptions;
  readonly #clock: Clock;
  readonly #fillMs: number;
  #entries: LaneRecord[] = [];
  #bytes = 0;
  /** The memory that the waiting records take. */
  #heldBytes = 0;
  /** The memory that the batch takes that is being handled. */
  #takenBytes = 0;
  /** The end of the previous batch, from which the window is counted. */
  #windowsFromMs: number;
  /** When the waiting records are due, even if the batch is not full. */
  #dueMs = Infinity;

  constructor(options: BatchOptions, clock: Clock, fillMs: number) {
    this.#options = options;
    this.#clock = clock;
    this.#fillMs = fillMs;
    this.#windowsFromMs = clock.now();
  }

  get length(): number {
    return this.#entries.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get dueMs(): number {
    return this.busy ? Infinity : this.#dueMs;
  }

  push(entry: LaneRecord): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    const held = heldBy(entry);
    this.#heldBytes += held;
    this.#options.room?.take(held);
    if (this.#dueMs === Infinity) this.#dueMs = this.#due();
  }

  /**
   * `exhausted`: without a window there is nothing to wait for, for example at the tail. `ended`: no more records
   * will come at all.
   */
  ready(exhausted: boolean, ended: boolean): boolean {
    if (this.busy || this.#entries.length === 0) return false;
    if (ended || this.#entries.length >= this.#options.recordsMax || this.#bytes >= this.#options.bytesMax) {
      return true;
    }
    if (this.#hasWholeWindow) return true;
    const isDue = this.#clock.now() >= this.#dueMs;
    // Reading what is there takes no time worth mentioning: a reader that lags fills its batches.
    if (this.#options.ageMsMax !== undefined) return exhausted && (isDue || this.#hasItsShare);
    return isDue || (exhausted && this.#windowMs === 0);
  }

  /** Takes a batch: at least one record. */
  take(): LaneRecord[] {
    let bytes = 0;
    let held = 0;
    let count = 0;
    for (const entry of this.#entries) {
      if (count === this.#options.recordsMax) break;
      if (count > 0 && bytes + entry.bytes > this.#options.bytesMax) break;
      if (count > 0 && this.#isOtherWindow(entry)) break;
      bytes += entry.bytes;
      held += heldBy(entry);
      count++;
    }
    this.#bytes -= bytes;
    this.#heldBytes -= held;
    this.#takenBytes += held;
    return this.#entries.splice(0, count);
  }

  /** The batch is done; the next window begins. */
  release(): void {
    this.busy = false;
    this.#options.room?.give(this.#takenBytes);
    this.#takenBytes = 0;
    this.#windowsFromMs = this.#clock.now();
    this.#dueMs = this.#entries.length === 0 ? Infinity : this.#due();
  }

  /** The worker ends: what waits is not held any more. */
  drop(): void {
    this.#options.room?.give(this.#takenBytes + this.#heldBytes);
    this.#takenBytes = 0;
    this.#heldBytes = 0;
    this.#bytes = 0;
    this.#entries = [];
  }

  /** The memory for waiting records is used up, and this lane holds as much of it as each may. */
  get #hasItsShare(): boolean {
    const { room } = this.#options;
    return room !== undefined && room.isFull && this.#heldBytes >= room.bytesEach;
  }

  /** All records of the first record's window are here, because one of the next window is. */
  get #hasWholeWindow(): boolean {
    const last = this.#entries.at(-1);
    return last !== undefined && this.#isOtherWindow(last);
  }

  #isOtherWindow({ record }: LaneRecord): boolean {
    const { windowOf } = this.#options;
    const [first] = this.#entries;
    return windowOf !== undefined && first !== undefined && windowOf(record) !== windowOf(first.record);
  }

  get #windowMs(): number {
    return this.#options.windowMs ?? 0;
  }

  #due(): number {
    const { ageMsMax, flushedUntilMs = -Infinity } = this.#options;
    const [oldest] = this.#entries;
    if (ageMsMax !== undefined && oldest !== undefined) {
      const { arrivalMs } = oldest.record;
      return arrivalMs <= flushedUntilMs ? arrivalMs : arrivalMs + ageMsMax;
    }
    const now = this.#clock.now();
    const windowMs = this.#windowMs;
    if (windowMs === 0) return now + this.#fillMs;
    const windows = Math.max(1, Math.ceil((now - this.#windowsFromMs) / windowMs));
    return this.#windowsFromMs + windows * windowMs;
  }
}

/** The memory that a waiting record takes: small records are mostly overhead. */
function heldBy({ record }: LaneRecord): number {
  return record.data.length + consumerLimits.recordOverheadBytes;
}
