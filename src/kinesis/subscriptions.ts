import type { SubscribeToShardEventStream } from '@aws-sdk/client-kinesis';
import { limits } from '../limits.ts';
import type { Consumer } from './consumers.ts';
import type { Kinesis } from './context.ts';
import { resourceInUse, resourceNotFound } from './errors.ts';
import type { Shard } from './shard.ts';
import { Subscription } from './subscription.ts';

/** The subscriptions that are open: at most one for each consumer and shard. */
export class Subscriptions {
  readonly #open = new Map<string, Subscription>();

  /** Throws ResourceInUseException when the consumer has subscribed to the shard within the last 5 seconds. */
  open(
    kinesis: Kinesis,
    consumer: Consumer,
    shard: Shard,
    position: number,
  ): AsyncIterable<SubscribeToShardEventStream> {
    const key = `${consumer.arn}/${shard.id}`;
    const present = this.#open.get(key);
    const taken = resourceInUse(
      `Another active subscription exists for this consumer: ${consumer.arn} and shard: ${shard.id}`,
    );
    if (present !== undefined) {
      const ageMs = kinesis.clock.now() - present.openedMs;
      if (ageMs < limits.kinesisSubscriptionTakeoverMs) {
        const metrics = consumer.stream.metrics.subscription(consumer.row.name);
        metrics.success.add(0);
        metrics.rateExceeded.add(1);
        throw taken;
      }
      present.fail(taken);
    }
    const subscription = new Subscription(kinesis, consumer, shard, position, () => {
      if (this.#open.get(key) === subscription) this.#open.delete(key);
    });
    this.#open.set(key, subscription);
    consumer.stream.metrics.subscription(consumer.row.name).success.add(1);
    return subscription;
  }

  /** Ends those of a consumer that is no more. */
  end(consumer: Consumer): void {
    for (const [key, subscription] of this.#open) {
      if (key.startsWith(`${consumer.arn}/`)) {
        subscription.fail(resourceNotFound(`Consumer ${consumer.arn} not found.`));
      }
    }
  }

  close(): void {
    for (const subscription of this.#open.values()) subscription.end();
  }
}
