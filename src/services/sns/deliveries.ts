import type { Engine } from '../../engine/engine.ts';
import { snsLimits } from './limits.ts';
import { DispatchedQueue } from '../../queue/dispatched-queue.ts';
import type { Verdict } from '../../queue/dispatcher.ts';
import { QueueFullError } from '../../queue/durable-queue.ts';
import type { QueueMessage } from '../../queue/message.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import api from './api.json' with { type: 'json' };
import { defaultRetryPolicy, parseDeliveryPolicy, type RetryPolicy } from './delivery-policy.ts';
import type { Delivery } from './delivery.ts';
import { takeOverDeliveries } from './earlier-deliveries.ts';
import { throttled } from './errors.ts';
import { unsignedNotification, type StoredMessage } from './notification.ts';
import { protocols } from './protocols/index.ts';
import type { Senders } from './protocols/protocol.ts';
import type { Signer } from './signer.ts';
import type { Subscription } from './topic.ts';
import type { Topics } from './topics.ts';

export interface DeliveriesOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly signer: Signer;
  readonly senders: Senders;
  readonly endpoint: () => string;
  readonly onDelivered: (delivery: Delivery) => void;
  readonly onFailed: (delivery: Delivery) => void;
}

/** Name of the queue in the engine's tables. */
export const DELIVERIES = 'sns.deliveries';

/** Distinguishes SNS's calls from those of other services at the same address. */
const API_VERSION = api.metadata.apiVersion;

const settled: Verdict = { type: 'settled' };

/**
 * Messages in delivery: each is stored once, and delivered to each subscription until it succeeds or its retries are
 * exhausted.
 */
export class Deliveries {
  readonly #queue: DispatchedQueue<Delivery>;

  private constructor(queue: DispatchedQueue<Delivery>) {
    this.#queue = queue;
  }

  /** Resumes the deliveries that an earlier run left. */
  static async open(options: DeliveriesOptions): Promise<Deliveries> {
    const { engine, clock, log } = options;
    const queue = await DispatchedQueue.open<Delivery>({
      engine,
      clock,
      log,
      name: DELIVERIES,
      noun: 'a notification',
      waitingMax: snsLimits.deliveriesPendingMax,
      atOnceMax: snsLimits.deliveriesAtOnceMax,
      atOncePerLaneMax: () => snsLimits.deliveriesAtOncePerSubscriptionMax,
      takeOver: (to) => takeOverDeliveries(engine, to, clock),
      attempt: (message, body, signal) => attempt(options, message, body, signal),
    });
    queue.start();
    return new Deliveries(queue);
  }

  /**
   * Stores the messages, all or none, and delivers them in the background. Durable when it resolves. Throws Throttled.
   */
  async send(
    messages: readonly { readonly message: StoredMessage; readonly to: readonly Subscription[] }[],
  ): Promise<void> {
    const outgoing = messages
      .filter(({ to }) => to.length > 0)
      .map(({ message, to }) => ({
        body: Buffer.from(JSON.stringify(message)),
        to: to.map(({ arn, topicArn, protocol, endpoint }) => ({
          lane: arn,
          head: { topicArn, protocol, endpoint },
        })),
      }));
    if (outgoing.length === 0) return;
    try {
      await this.#queue.send(outgoing);
    } catch (error) {
      if (error instanceof QueueFullError) throw throttled();
      throw error;
    }
  }

  /** Interrupts attempts in progress; their messages are delivered after the next start. */
  async close(): Promise<void> {
    await this.#queue.close();
  }
}

async function attempt(
  options: DeliveriesOptions,
  { lane: subscriptionArn, head, attempts }: QueueMessage<Delivery>,
  body: Buffer,
  signal: AbortSignal,
): Promise<Verdict> {
  const { topics, signer, senders, endpoint, onDelivered, onFailed, log } = options;
  // What `send` stored.
  const message = JSON.parse(body.toString()) as StoredMessage;
  const subscription = topics.subscription(subscriptionArn);
  if (subscription === undefined && message.type === 'Notification') return settled;
  const protocol = protocols[head.protocol];
  const sending = {
    ...head,
    message,
    subscriptionArn,
    unsubscribeUrl: unsubscribeUrl(endpoint(), subscriptionArn),
    isRaw: message.type === 'Notification' && subscription?.attributes.RawMessageDelivery === 'true',
    sign() {
      const subscribeUrl = message.token === undefined ? undefined : confirmUrl(endpoint(), message);
      return signer.sign(unsignedNotification(message, head.protocol, subscribeUrl));
    },
  };
  const result = await protocol.attempt(sending, senders, signal);
  if (result === 'interrupted') return { type: 'interrupted' };
  if (result === 'delivered') {
    onDelivered(head);
    return settled;
  }
  const info = { subscription: subscriptionArn, endpoint: head.endpoint, reason: result.reason };
  const policy = retryPolicy(topics, message.topicArn, subscription);
  const retryAfterMs = result.isFinal ? undefined : protocol.retryDelayMs(attempts + 1, policy);
  if (retryAfterMs === undefined) {
    log.warn(info, 'a notification was discarded after its retries were exhausted');
    onFailed(head);
    return settled;
  }
  log.debug(info, 'a notification will be tried again');
  return { type: 'failed', retryAfterMs };
}

function confirmUrl(endpoint: string, { topicArn, token = '' }: StoredMessage): string {
  return `${endpoint}/?Version=${API_VERSION}&Action=ConfirmSubscription&TopicArn=${encodeURIComponent(topicArn)}&Token=${token}`;
}

function unsubscribeUrl(endpoint: string, subscriptionArn: string): string {
  const arn = encodeURIComponent(subscriptionArn);
  return `${endpoint}/?Version=${API_VERSION}&Action=Unsubscribe&SubscriptionArn=${arn}`;
}

/** The subscription's own policy, otherwise the topic's, otherwise AWS's default. */
function retryPolicy(topics: Topics, topicArn: string, subscription: Subscription | undefined): RetryPolicy {
  const own = subscription?.attributes.DeliveryPolicy;
  const ofTopic = topics.get(topicArn)?.attributes.DeliveryPolicy;
  return (
    (own === undefined ? undefined : parseDeliveryPolicy(own, 'subscription')) ??
    (ofTopic === undefined ? undefined : parseDeliveryPolicy(ofTopic, 'topic')) ??
    defaultRetryPolicy
  );
}
