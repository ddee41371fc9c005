import type { StoredPosition, StreamRecord } from './source.ts';

interface Step {
  readonly sequenceNumber: string;
  done: boolean;
}

/**
 * Which records of a shard are safe. With several lanes they become so out of order; the position is behind the
 * longest run without a gap.
 */
export class ShardProgress {
  readonly #steps: Step[] = [];
  #head = 0;
  #position: StoredPosition | undefined;

  /** Takes the next record; the returned function marks it as safe. */
  add(record: StreamRecord): () => void {
    const step: Step = { sequenceNumber: record.sequenceNumber, done: false };
    this.#steps.push(step);
    return () => {
      step.done = true;
      this.#advance();
    };
  }

  /** Behind the last record before which none is missing; undefined when not even the first one is safe. */
  get position(): StoredPosition | undefined {
    return this.#position;
  }

  #advance(): void {
    let last: Step | undefined;
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
