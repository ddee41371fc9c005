import type { HttpRequest } from '../../../http/message.ts';
import type { SubscribeToShardEventStream } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import { SharedDelay } from '../../../support/shared-delay.ts';
import type { ChangedRow } from '../../../engine/watch-rows.ts';
import { type Consumer, findConsumer } from './consumers.ts';
import type { SubscriptionContext } from './context.ts';
import { resourceInUse, resourceNotFound } from '../errors.ts';
import type { Shard } from '../shards/shard.ts';
import { consumerKey } from '../streams/rows.ts';
import type { Stream } from '../streams/stream.ts';
import { Subscription, type SubscriptionDelays } from './subscription.ts';

/** The open subscriptions at this machine: at most one for each consumer and shard. */
export class Subscriptions {
  readonly #open = new Map<string, Subscription>();
  /**
   * When calls succeeded, oldest first, for as long as they block others. Their connections may have closed. At a machine
   * that follows the owner: when subscriptions ended that the owner is to go on with.
   */
  readonly #succeededMs = new Map<string, number>();

  readonly #delays: SubscriptionDelays;

  constructor(clock: Clock) {
    this.#delays = {
      idle: new SharedDelay(clock, kinesisLimits.subscriptionIdleMs),
      life: new SharedDelay(clock, kinesisLimits.subscriptionMs),
    };
  }

  /**
   * Throws ResourceInUseException if the consumer has subscribed to the shard within the last 5 seconds, even if it
   * has disconnected. A machine that follows the owner leaves what it refuses to the owner, which would open a second one:
   * it lets the new one replace the present one instead.
   */
  open(
    kinesis: SubscriptionContext,
    consumer: Consumer,
    shard: Shard,
    position: number,
    memory: HttpRequest['responseMemory'],
  ): AsyncIterable<SubscribeToShardEventStream> {
    const key = `${consumer.arn}/${shard.id}`;
    const present = this.#open.get(key);
    const taken = resourceInUse(
      `Another active subscription exists for this consumer: ${consumer.arn} and shard: ${shard.id}`,
    );
    const nowMs = kinesis.clock.now();
    this.#forget(nowMs);
    if (this.#succeededMs.has(key)) {
      const metrics = consumer.stream.metrics.subscription(consumer.row.name);
      metrics.success.add(0);
      metrics.rateExceeded.add(1);
      throw taken;
    }
    present?.fail(taken);
    if (kinesis.isCopy !== true) this.#succeededMs.set(key, nowMs);
    const subscription = new Subscription(kinesis, consumer, shard, position, memory, this.#delays, {
      ended: () => {
        if (this.#open.get(key) === subscription) this.#open.delete(key);
      },
      left: () => this.#succeededMs.set(key, kinesis.clock.now()),
    });
    this.#open.set(key, subscription);
    consumer.stream.metrics.subscription(consumer.row.name).success.add(1);
    return subscription;
  }

  /** Removes entries that are 5 seconds old, and entries from the future after the clock was set back. */
  #forget(nowMs: number): void {
    for (const [key, succeededMs] of this.#succeededMs) {
      const ageMs = nowMs - succeededMs;
      if (ageMs >= 0 && ageMs < kinesisLimits.subscriptionTakeoverMs) return;
      this.#succeededMs.delete(key);
    }
  }

  /** The open subscriptions of a stream. */
  of(stream: Stream): readonly Subscription[] {
    return [...this.#open.values()].filter((subscription) => subscription.stream === stream);
  }

  /** Ends the subscriptions of a deleted consumer. */
  end(consumer: Consumer): void {
    for (const key of this.#succeededMs.keys()) {
      if (key.startsWith(`${consumer.arn}/`)) this.#succeededMs.delete(key);
    }
    for (const [key, subscription] of this.#open) {
      if (key.startsWith(`${consumer.arn}/`)) {
        subscription.fail(resourceNotFound(`Consumer ${consumer.arn} not found.`));
      }
    }
  }

  /** At a machine that follows the owner, which has changed rows of consumers: ends the subscriptions of those that left. */
  follow(kinesis: SubscriptionContext, changed: readonly ChangedRow[]): void {
    const { consumers } = kinesis.streams.tables;
    const keys = new Set(changed.filter(({ table }) => table === consumers.name).map(({ key }) => key));
    if (keys.size === 0) return;
    for (const subscription of this.#open.values()) {
      const { stream, consumerName, consumerArn } = subscription;
      if (!keys.has(consumerKey(stream.id, consumerName))) continue;
      const present = findConsumer(kinesis, stream, consumerName);
      if (present?.arn !== consumerArn || present.status === 'DELETING') subscription.leave();
    }
  }

  close(): void {
    for (const subscription of this.#open.values()) subscription.end();
  }
}
