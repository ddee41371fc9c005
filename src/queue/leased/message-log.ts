import { DamagedRecordsError, type Engine, type LogId } from '../../engine/engine.ts';
import { unpack } from '../../engine/packed-records.ts';
import { queueLimits } from '../limits.ts';
import type { DeletedMessages } from './deleted-messages.ts';
import type { ReadAhead } from './read-ahead.ts';

/** A message as it is stored. */
export interface StoredMessage {
  readonly index: number;
  readonly payload: Uint8Array;
  readonly arrivedMs: number;
}

export interface MessageLogOptions {
  readonly engine: Engine;
  readonly id: LogId;
  readonly deleted: DeletedMessages;
  readonly readAhead: ReadAhead;
  /** How long its messages wait before they may be received: the same for all, so that they become due in order. */
  readonly delayMs: () => number;
  /** Whether a message was received and not deleted: then it is not the log's to hand out. */
  readonly isHeld: (index: number) => boolean;
  /** Called for messages that cannot be read because their file is damaged. */
  readonly onLost: (indexes: readonly number[], error: unknown) => void;
}

/**
 * One log of a queue, read from its front. Only the next few messages are in memory; all others wait on disk, and need
 * no row while they do.
 */
export class MessageLog {
  readonly id: LogId;
  /** Deleted messages that have not been trimmed. */
  deletedCount: number;
  /** Messages before this one are not part of `deletedCount`. */
  trimmedTo: number;
  /** What was deleted since the last trim. */
  readonly sinceTrim = { messages: 0, bytes: 0 };
  readonly #options: MessageLogOptions;
  #next: number;
  /** The next messages, and how many of them were taken. */
  #ahead: StoredMessage[] = [];
  #taken = 0;
  #aheadBytes = 0;
  /** Messages before this one that arrived later than that, by a clock that was set back since, count as of then. */
  readonly #setBack = { before: 0, atMs: 0 };
  #loading: Promise<void> | undefined;

  constructor(options: MessageLogOptions) {
    this.#options = options;
    this.id = options.id;
    const { firstIndex, nextIndex } = options.engine.bounds(options.id);
    this.#next = firstIndex;
    this.trimmedTo = firstIndex;
    this.deletedCount = options.deleted.count(options.id, firstIndex, nextIndex);
  }

  get bounds(): { readonly firstIndex: number; readonly nextIndex: number } {
    return this.#options.engine.bounds(this.id);
  }

  /** Messages that are not deleted. */
  get total(): number {
    return this.bounds.nextIndex - this.trimmedTo - this.deletedCount;
  }

  /** The next message, if it is in memory; it may not be due yet. */
  peek(): StoredMessage | undefined {
    const { deleted, isHeld } = this.#options;
    const { firstIndex } = this.bounds;
    for (; ; this.#taken++) {
      const message = this.#ahead[this.#taken];
      if (message === undefined) {
        this.dropAhead();
        return undefined;
      }
      const { index } = message;
      if (index >= firstIndex && !isHeld(index) && !deleted.has(this.id, index)) return message;
    }
  }

  /** The next message, if it is in memory and due. */
  take(nowMs: number): StoredMessage | undefined {
    const message = this.peek();
    if (message === undefined) return undefined;
    // The log's times never decrease: after the clock was set back they are ahead of it.
    if (this.#arrivedMs(message) > nowMs) {
      this.#setBack.before = this.#next;
      this.#setBack.atMs = nowMs;
    }
    if (this.#dueMs(message) > nowMs) return undefined;
    this.#taken++;
    return message;
  }

  /** When, after this time, the next message that is in memory becomes due; Infinity when it does not. */
  nextDueMs(afterMs: number): number {
    const message = this.peek();
    const dueMs = message === undefined ? Infinity : this.#dueMs(message);
    return dueMs > afterMs ? dueMs : Infinity;
  }

  /** Whether `load` may find messages. */
  get hasMore(): boolean {
    return this.#ahead.length === this.#taken && this.#next < this.bounds.nextIndex;
  }

  /** Reads the next messages. */
  async load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  /** Reads a message that is no longer in memory; undefined when it is lost. */
  async read(index: number): Promise<StoredMessage | undefined> {
    const { engine, onLost } = this.#options;
    try {
      const [batch] = await engine.read(this.id, index, { maxRecords: 1, maxBytes: 1 });
      if (batch === undefined || batch.firstIndex !== index) return undefined;
      let stored: StoredMessage | undefined;
      unpack(batch, (_ordinal, offset, length) => {
        const payload = batch.bytes.subarray(offset, offset + length);
        stored = { index, payload, arrivedMs: batch.arrivalMs };
        return false;
      });
      return stored;
    } catch (error) {
      if (!(error instanceof DamagedRecordsError)) throw error;
      onLost([index], error);
      return undefined;
    }
  }

  /** When the oldest message that is not deleted arrived; undefined without one. */
  async oldestMs(): Promise<number | undefined> {
    if (this.total === 0) return undefined;
    const { firstIndex, nextIndex } = this.bounds;
    return (await this.read(this.#options.deleted.nextKept(this.id, firstIndex, nextIndex)))?.arrivedMs;
  }

  /** Releases what was read ahead; it is read again when it is needed. */
  dropAhead(): void {
    const first = this.#ahead[this.#taken];
    if (first !== undefined) this.#next = first.index;
    this.#ahead = [];
    this.#taken = 0;
    this.#aheadBytes = 0;
    this.#options.readAhead.release(this);
  }

  #dueMs(message: StoredMessage): number {
    return this.#arrivedMs(message) + this.#options.delayMs();
  }

  #arrivedMs({ index, arrivedMs }: StoredMessage): number {
    const { before, atMs } = this.#setBack;
    return index < before ? Math.min(arrivedMs, atMs) : arrivedMs;
  }

  async #load(): Promise<void> {
    const { engine, deleted, readAhead } = this.#options;
    const { firstIndex, nextIndex } = this.bounds;
    const from = deleted.nextKept(this.id, Math.max(this.#next, firstIndex), nextIndex);
    if (from >= nextIndex) {
      this.#next = nextIndex;
      return;
    }
    try {
      const batches = await engine.read(this.id, from, {
        maxRecords: queueLimits.readAheadMessages,
        maxBytes: queueLimits.readAheadBytes,
      });
      this.#next = from;
      for (const { firstIndex: first, arrivalMs: arrivedMs, ...batch } of batches) {
        unpack(batch, (ordinal, offset, length) => {
          const payload = batch.bytes.subarray(offset, offset + length);
          this.#ahead.push({ index: first + ordinal, payload, arrivedMs });
        });
        this.#next = first + batch.count;
        this.#aheadBytes += batch.bytes.length;
      }
      if (batches.length === 0) this.#next = nextIndex;
      readAhead.hold(this, this.#aheadBytes);
    } catch (error) {
      if (!(error instanceof DamagedRecordsError)) throw error;
      this.#skipDamaged(from, error);
    }
  }

  #skipDamaged(from: number, error: DamagedRecordsError): void {
    const { firstIndex, count } = error.records;
    this.#next = firstIndex + count;
    const lost = Array.from({ length: firstIndex + count - from }, (_, ordinal) => from + ordinal);
    this.#options.onLost(lost, error);
  }
}
