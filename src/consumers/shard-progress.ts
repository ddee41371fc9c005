import type { StoredPosition, StreamRecord } from './source.ts';

interface RecordProgress {
  readonly sequenceNumber: string;
  done: boolean;
}

/**
 * Tracks which records of a shard are handled. With several lanes they finish out of order; the checkpoint is after the
 * longest run without a gap.
 */
export class ShardProgress {
  readonly #steps: RecordProgress[] = [];
  #head = 0;
  #position: StoredPosition | undefined;

  /** Adds the next record. The returned function marks it as handled. */
  add(record: StreamRecord): () => void {
    const step: RecordProgress = { sequenceNumber: record.sequenceNumber, done: false };
    this.#steps.push(step);
    return () => {
      step.done = true;
      this.#advance();
    };
  }

  /** The position after the last record of that run; undefined if the first record is not handled yet. */
  get position(): StoredPosition | undefined {
    return this.#position;
  }

  #advance(): void {
    let last: RecordProgress | undefined;
    for (let step = this.#steps[this.#head]; step?.done === true; step = this.#steps[this.#head]) {
      last = step;
      this.#head++;
    }
    if (last === undefined) return;
    this.#position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber };
    if (this.#head === this.#steps.length || this.#head > 1024) {
      this.#steps.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
