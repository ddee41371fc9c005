import { deliveryLimits } from '../limits.ts';
import { collect, type Item, type Outcome, type Step } from './step.ts';

/** A step that looks at one record at a time. It yields to other work after every few hundred kilobytes. */
export function eachRecord(change: (item: Item) => Outcome): Step {
  return {
    async run(items) {
      const outcomes: Outcome[] = [];
      let untilRest: number = deliveryLimits.bytesAtOnceMax;
      for (const item of items) {
        outcomes.push(change(item));
        untilRest -= item.record.data.length;
        if (untilRest > 0) continue;
        await new Promise((resolve) => setImmediate(resolve));
        untilRest = deliveryLimits.bytesAtOnceMax;
      }
      return collect(items, outcomes);
    },
  };
}

export function withData({ record, original }: Item, data: Uint8Array): Item {
  return { record: { ...record, data }, original };
}
