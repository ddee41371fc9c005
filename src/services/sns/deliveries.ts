import type { Engine, IdempotencyKey } from '../../engine/engine.ts';
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
import { sendDeadLetter } from './dead-letters.ts';
import { takeOverDeliveries } from './earlier-deliveries.ts';
import { throttled } from './errors.ts';
import { unsignedNotification, type StoredMessage } from './notification.ts';
import { protocols } from './protocols/index.ts';
import type { OutgoingNotification, Senders } from './protocols/protocol.ts';
import type { RecentAttempts } from './recent-attempts.ts';
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
  readonly attempts: RecentAttempts;
  readonly onDelivered: (delivery: Delivery) => void;
  readonly onFailed: (delivery: Delivery) => void;
  /** Of a failed one, when the subscription has a dead-letter queue: whether that has it now. */
  readonly onDeadLetter: (delivery: Delivery, isStored: boolean) => void;
}

/** Name of the queue in the engine's tables. */
export const DELIVERIES = 'sns.deliveries';

/** Distinguishes SNS's calls from those of other services at the same address. */
const API_VERSION = api.metadata.apiVersion;

const SERVICE = 'sns.amazonaws.com';

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
    return new Deliveries(queue);
  }

  /** Begins, with the deliveries that an earlier run left. */
  start(): void {
    this.#queue.start();
  }

  /**
   * Stores the messages, all or none, and delivers them in the background. Durable when it resolves. A repeat with the
   * same key stores nothing. Throws Throttled.
   */
  async send(
    messages: readonly { readonly message: StoredMessage; readonly to: readonly Subscription[] }[],
    idempotencyKey?: IdempotencyKey,
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
      await this.#queue.send(outgoing, idempotencyKey);
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
  const { topics, senders, onDelivered, onFailed, onDeadLetter, log, clock } = options;
  // What `send` stored.
  const message = JSON.parse(body.toString()) as StoredMessage;
  const subscription = topics.subscription(subscriptionArn);
  if (subscription === undefined && message.type === 'Notification') return settled;
  const protocol = protocols[head.protocol];
  const sending = sendingOf(options, { head, message, subscriptionArn, subscription });
  const timeMs = clock.now();
  const begunMs = performance.now();
  const result = await protocol.attempt(sending, senders, signal);
  if (result === 'interrupted') return { type: 'interrupted' };
  const noted = { timeMs, durationMs: performance.now() - begunMs, status: result.status };
  if (result.isDelivered) {
    options.attempts.add(subscriptionArn, { ...noted, outcome: 'Delivered', reason: undefined });
    onDelivered(head);
    return settled;
  }
  const { reason } = result;
  const info = { subscription: subscriptionArn, endpoint: withoutPath(head.endpoint), reason };
  const policy = retryPolicy(topics, message.topicArn, subscription);
  const retryAfterMs = result.isFinal ? undefined : protocol.retryDelayMs(attempts + 1, policy);
  const outcome = retryAfterMs === undefined ? 'GivenUp' : 'Retrying';
  options.attempts.add(subscriptionArn, { ...noted, outcome, reason });
  if (retryAfterMs === undefined) {
    const redrivePolicy =
      message.type === 'Notification' ? subscription?.attributes.RedrivePolicy : undefined;
    if (redrivePolicy === undefined)
      log.warn(info, 'a notification was discarded after its retries were exhausted');
    else onDeadLetter(head, await sendDeadLetter(redrivePolicy, sending, { targets: senders.targets, log }));
    onFailed(head);
    return settled;
  }
  log.debug(info, 'a notification will be tried again');
  return { type: 'failed', retryAfterMs };
}

function sendingOf(
  { signer, endpoint }: DeliveriesOptions,
  {
    head,
    message,
    subscriptionArn,
    subscription,
  }: {
    readonly head: Delivery;
    readonly message: StoredMessage;
    readonly subscriptionArn: string;
    readonly subscription: Subscription | undefined;
  },
): OutgoingNotification {
  return {
    ...head,
    message,
    subscriptionArn,
    actor: { service: SERVICE, sourceArn: message.topicArn },
    unsubscribeUrl: unsubscribeUrl(endpoint(), subscriptionArn),
    isRaw: message.type === 'Notification' && subscription?.attributes.RawMessageDelivery === 'true',
    sign() {
      const subscribeUrl = message.token === undefined ? undefined : confirmUrl(endpoint(), message);
      return signer.sign(unsignedNotification(message, head.protocol, subscribeUrl));
    },
  };
}

/** URLs of subscribers have secrets in their user information, paths and queries. */
function withoutPath(endpoint: string): string {
  return /^https?:/.test(endpoint) ? new URL(endpoint).origin : endpoint;
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
