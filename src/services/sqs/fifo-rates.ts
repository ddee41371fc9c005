import { TokenBucket } from '../../support/token-bucket.ts';
import { requestThrottled } from './errors.ts';
import { sqsLimits } from './limits.ts';
import type { Queue } from './queue.ts';

/** What AWS counts calls by: a batch counts as one call. */
export type CountedAction = 'send' | 'receive' | 'delete';

/**
 * AWS's rates of a FIFO queue: so many calls a second of each action. Those of a queue with high throughput
 * (FifoThroughputLimit=perMessageGroupId) are thousands, and depend on the region: they are not enforced.
 */
export class FifoRates {
  readonly #buckets = new Map<CountedAction, TokenBucket>();

  /** Throws RequestThrottled. */
  admit(queue: Queue, action: CountedAction, nowMs: number): void {
    if (queue.attributes['FifoThroughputLimit'] === 'perMessageGroupId') return;
    let bucket = this.#buckets.get(action);
    if (bucket === undefined) {
      bucket = new TokenBucket(sqsLimits.fifoCallsPerSecond, nowMs);
      this.#buckets.set(action, bucket);
    }
    if (!bucket.take(1, nowMs)) throw requestThrottled();
  }
}
