import { randomUUID } from 'node:crypto';
import type { Clock } from '../../support/clock.ts';
import type { Deliveries } from './deliveries.ts';
import { accepts } from './filter-policy.ts';
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

  /** Returns the messages' IDs. All messages are stored, or none. Throws NotFound, Throttled. */
  async publish(topicArn: string, messages: readonly Message[]): Promise<string[]> {
    const topic = this.#topics.require(topicArn);
    const nowMs = this.#clock.now();
    const confirmed = [...this.#topics.subscriptions(`${topicArn}:`)].filter(({ confirmed }) => confirmed);
    let filteredOut = 0;
    const stored = messages.map((message) => {
      const to = confirmed.filter(({ attributes }) => accepts(attributes, message));
      filteredOut += confirmed.length - to.length;
      return { message: storedMessage(topic, message, nowMs), to };
    });
    await this.#deliveries.send(stored);
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

function storedMessage(topic: Topic, message: Message, nowMs: number): StoredMessage {
  return {
    type: 'Notification',
    messageId: randomUUID(),
    topicArn: topic.arn,
    timestampMs: nowMs,
    ...(message.subject === undefined ? {} : { subject: message.subject }),
    message: message.message,
    ...(message.messageOf === undefined ? {} : { messageOf: message.messageOf }),
    ...(message.attributes === undefined ? {} : { attributes: message.attributes }),
    ...(message.groupId === undefined ? {} : { groupId: message.groupId }),
    signatureVersion: topic.attributes.SignatureVersion ?? '1',
  };
}
