import { type QueueRecord, recordBytes } from './queue-event.ts';

/** The messages of the next event, until it has as many or is as large as it may be. */
export class QueueBatch {
  readonly records: QueueRecord[] = [];
  readonly #recordsMax: number;
  readonly #bytesMax: number;
  #bytes = 0;
  #isFull = false;

  constructor(recordsMax: number, bytesMax: number) {
    this.#recordsMax = recordsMax;
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.records.length === 0;
  }

  get isFull(): boolean {
    return this.#isFull || this.records.length >= this.#recordsMax;
  }

  get room(): number {
    return this.#recordsMax - this.records.length;
  }

  /** When the first message becomes visible again. */
  get visibleMs(): number {
    return this.records.reduce((earliestMs, { visibleMs }) => Math.min(earliestMs, visibleMs), Infinity);
  }

  /** Takes the first of these messages; returns those for the next batch. The first message of all always fits. */
  add(records: readonly QueueRecord[]): readonly QueueRecord[] {
    for (const [index, record] of records.entries()) {
      const bytes = recordBytes(record);
      if (this.isFull) return records.slice(index);
      if (!this.isEmpty && this.#bytes + bytes > this.#bytesMax) {
        this.#isFull = true;
        return records.slice(index);
      }
      this.records.push(record);
      this.#bytes += bytes;
    }
    return [];
  }
}
