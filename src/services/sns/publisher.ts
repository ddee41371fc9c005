import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { callKeyOf, repeatableId } from '../../engine/idempotency-key.ts';
import type { Clock } from '../../support/clock.ts';
import type { TraceContext } from '../../support/trace-context.ts';
import type { Deliveries } from './deliveries.ts';
import { filterOf } from './filter-policy.ts';
import { snsLimits } from './limits.ts';
import type { MessageAttribute, StoredMessage } from './notification.ts';
import type { Protocol, Subscription, Topic } from './topic.ts';
import type { TopicMetrics } from './topic-metrics.ts';
import type { Topics } from './topics.ts';

/** A validated message. */
export interface Message {
  readonly message: string;
  readonly subject: string | undefined;
  readonly messageOf: Readonly<Partial<Record<Protocol, string>>> | undefined;
  readonly attributes: Readonly<Record<string, MessageAttribute>> | undefined;
  readonly groupId: string | undefined;
}

export interface PublishOptions {
  /** `amz-sdk-invocation-id` */
  readonly invocationId?: string | undefined;
  /** Of the request or event. */
  readonly trace?: TraceContext | undefined;
}

/** Publishes messages to topics' subscriptions: they are durable when it resolves, and delivered in the background. */
export class Publisher {
  readonly #topics: Topics;
  readonly #deliveries: Deliveries;
  readonly #clock: Clock;
  readonly #metrics: TopicMetrics;

  constructor(topics: Topics, deliveries: Deliveries, clock: Clock, metrics: TopicMetrics) {
    this.#topics = topics;
    this.#deliveries = deliveries;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /**
   * Returns the messages' IDs. All messages are stored, or none; a repeat with the same invocation id stores none, and has
   * the same IDs. Throws NotFound, Throttled.
   */
  async publish(
    topicArn: string,
    messages: readonly Message[],
    { invocationId, trace }: PublishOptions = {},
  ): Promise<string[]> {
    const topic = this.#topics.require(topicArn);
    const nowMs = this.#clock.now();
    const confirmed = [...this.#topics.subscriptions(`${topicArn}:`)].filter(({ confirmed }) => confirmed);
    let filteredOut = 0;
    const stored: { readonly message: StoredMessage; readonly to: readonly Subscription[] }[] = [];
    for (const [ordinal, message] of messages.entries()) {
      const messageId = invocationId === undefined ? randomUUID() : repeatableId(invocationId, ordinal);
      const to = await recipientsOf(message, confirmed);
      filteredOut += confirmed.length - to.length;
      stored.push({ message: storedMessage(topic, message, { messageId, nowMs, trace }), to });
    }
    const content = Buffer.from(invocationId === undefined ? '' : JSON.stringify(messages));
    await this.#deliveries.send(stored, callKeyOf(invocationId, topicArn, content));
    for (const { message } of messages) {
      this.#metrics.add(topicArn, 'NumberOfMessagesPublished', 1);
      this.#metrics.add(topicArn, 'PublishSize', Buffer.byteLength(message));
    }
    if (filteredOut > 0) this.#metrics.add(topicArn, 'NumberOfNotificationsFilteredOut', filteredOut);
    return stored.map(({ message }) => message.messageId);
  }

  /** Sends an endpoint the message with which it can confirm its subscription, or undo its end. */
  async sendConfirmation(
    type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
    subscription: Subscription,
    token: string,
  ): Promise<void> {
    const { topicArn } = subscription;
    const nowMs = this.#clock.now();
    const message: StoredMessage = {
      type,
      messageId: randomUUID(),
      topicArn,
      timestampMs: nowMs,
      message:
        type === 'SubscriptionConfirmation'
          ? `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
          : `You have chosen to deactivate subscription ${subscription.arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`,
      signatureVersion: this.#topics.get(topicArn)?.attributes.SignatureVersion ?? '1',
      token,
    };
    await this.#deliveries.send([{ message, to: [subscription] }]);
  }
}

/** The subscriptions whose filter policies accept the message. Gives other requests their turn. */
async function recipientsOf(
  message: Message,
  subscriptions: readonly Subscription[],
): Promise<readonly Subscription[]> {
  const isAccepted = filterOf(message);
  const accepted: Subscription[] = [];
  let turnEndsMs = performance.now() + snsLimits.filterTurnMs;
  for (const subscription of subscriptions) {
    if (performance.now() > turnEndsMs) {
      await turn();
      turnEndsMs = performance.now() + snsLimits.filterTurnMs;
    }
    if (isAccepted(subscription.attributes)) accepted.push(subscription);
  }
  return accepted;
}

interface Publication {
  readonly messageId: string;
  readonly nowMs: number;
  readonly trace: TraceContext | undefined;
}

function storedMessage(
  topic: Topic,
  message: Message,
  { messageId, nowMs, trace }: Publication,
): StoredMessage {
  return {
    type: 'Notification',
    messageId,
    topicArn: topic.arn,
    timestampMs: nowMs,
    ...(message.subject === undefined ? {} : { subject: message.subject }),
    message: message.message,
    ...(message.messageOf === undefined ? {} : { messageOf: message.messageOf }),
    ...(message.attributes === undefined ? {} : { attributes: message.attributes }),
    ...(message.groupId === undefined ? {} : { groupId: message.groupId }),
    ...(trace === undefined ? {} : { trace }),
    signatureVersion: topic.attributes.SignatureVersion ?? '1',
  };
}
