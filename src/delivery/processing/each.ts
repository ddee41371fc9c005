import { deliveryLimits } from '../limits.ts';
import { processingLimits } from './limits.ts';
import { collect, type Item, type RecordOutcome, type Step } from './step.ts';

/** Divides work on records into turns of the event loop, so that it does not delay other work. */
export class Turn {
  #bytesLeft: number = deliveryLimits.bytesAtOnceMax;
  readonly #endMs = performance.now() + processingLimits.atOnceMsMax;

  /** Counts a record that was worked on; whether the turn is over. */
  isOverAfter({ record }: Item): boolean {
    this.#bytesLeft -= record.data.length;
    return this.#bytesLeft <= 0 || performance.now() >= this.#endMs;
  }

  /** Lets other work run: after a record that took too long, for as long as it took, as a put needs several turns. */
  async next(): Promise<Turn> {
    const lateMs = performance.now() - this.#endMs;
    if (lateMs > processingLimits.atOnceMsMax) await new Promise((resolve) => setTimeout(resolve, lateMs));
    else await new Promise((resolve) => setImmediate(resolve));
    return new Turn();
  }
}

/** A step that processes one record at a time. */
export function eachRecord(change: (item: Item) => RecordOutcome): Step {
  return {
    async run(items) {
      const outcomes: RecordOutcome[] = [];
      let turn = new Turn();
      for (const item of items) {
        outcomes.push(change(item));
        if (turn.isOverAfter(item)) turn = await turn.next();
      }
      return collect(items, outcomes);
    },
  };
}

export function withData({ record, original }: Item, data: Uint8Array): Item {
  return { record: { ...record, data }, original };
}
