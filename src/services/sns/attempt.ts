import { isFinalFailure, type Targets } from '../../aws/targets.ts';
import api from './api.json' with { type: 'json' };
import { defaultRetryPolicy, parseDeliveryPolicy, retryDelaySeconds } from './delivery-policy.ts';
import type { RetryPolicy } from './delivery-policy.ts';
import type { HttpPost } from './http-post.ts';
import { httpBody, lambdaEvent, messageFor, unsignedNotification } from './notification.ts';
import type { SignedNotification, StoredMessage } from './notification.ts';
import type { Delivery } from './outbox.ts';
import type { Signer } from './signer.ts';
import type { Subscription } from './topic.ts';
import type { Topics } from './topics.ts';

export type Outcome =
  | { readonly result: 'delivered' }
  /** Nobody wants it any more. */
  | { readonly result: 'gone' }
  /** The server stops. */
  | { readonly result: 'interrupted' }
  /** To be tried again after that time; never, without one. */
  | { readonly result: 'failed'; readonly reason: string; readonly retryAfterMs: number | undefined };

export type Attempt = (message: StoredMessage, delivery: Delivery, signal: AbortSignal) => Promise<Outcome>;

export interface AttemptDependencies {
  readonly topics: Topics;
  readonly signer: Signer;
  readonly targets: Targets;
  readonly post: HttpPost;
  readonly endpoint: () => string;
}

/** Tells SNS's calls from those of other services that have come to the same address. */
const API_VERSION = api.metadata.apiVersion;
const USER_AGENT = 'Amazon Simple Notification Service Agent';

/** One try to hand a message to an endpoint. */
export function attemptWith({ topics, signer, targets, post, endpoint }: AttemptDependencies): Attempt {
  return async (message, delivery, signal) => {
    const subscription = topics.subscription(delivery.subscriptionArn);
    if (subscription === undefined && message.type === 'Notification') return { result: 'gone' };
    const { protocol } = delivery;
    const isRaw = message.type === 'Notification' && subscription?.attributes.RawMessageDelivery === 'true';
    const sign = (): Promise<SignedNotification> => {
      const subscribeUrl = message.token === undefined ? undefined : confirmUrl(endpoint(), message);
      return signer.sign(unsignedNotification(message, protocol, subscribeUrl));
    };
    const unsubscribeUrl = unsubscribeUrlOf(endpoint(), delivery.subscriptionArn);
    if (protocol === 'lambda') {
      const event = lambdaEvent(await sign(), delivery.subscriptionArn, unsubscribeUrl, message.attributes);
      return await invoke(targets, delivery, event);
    }
    const body = isRaw
      ? messageFor(message, protocol)
      : httpBody(await sign(), unsubscribeUrl, message.attributes);
    const result = await post(delivery.endpoint, httpHeaders(message, delivery, isRaw), body, signal);
    if (result === 'interrupted') return { result };
    if (typeof result === 'number' && result >= 200 && result < 300) return { result: 'delivered' };
    const reason = typeof result === 'number' ? `the endpoint answered ${result}` : result.failure;
    // What the client got wrong stays wrong; 429 is a wish to be asked later.
    const isFinal = typeof result === 'number' && result >= 400 && result < 500 && result !== 429;
    const policy = retryPolicy(topics, message.topicArn, subscription);
    const delaySeconds = isFinal ? undefined : retryDelaySeconds(policy, delivery.attempts + 1);
    const retryAfterMs = delaySeconds === undefined ? undefined : delaySeconds * 1000;
    return { result: 'failed', reason, retryAfterMs };
  };
}

function httpHeaders(message: StoredMessage, delivery: Delivery, isRaw: boolean): Record<string, string> {
  return {
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': USER_AGENT,
    'x-amz-sns-message-type': message.type,
    'x-amz-sns-message-id': message.messageId,
    'x-amz-sns-topic-arn': message.topicArn,
    ...(message.type === 'SubscriptionConfirmation'
      ? {}
      : { 'x-amz-sns-subscription-arn': delivery.subscriptionArn }),
    ...(isRaw ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
  };
}

function confirmUrl(endpoint: string, { topicArn, token = '' }: StoredMessage): string {
  return `${endpoint}/?Version=${API_VERSION}&Action=ConfirmSubscription&TopicArn=${encodeURIComponent(topicArn)}&Token=${token}`;
}

function unsubscribeUrlOf(endpoint: string, subscriptionArn: string): string {
  const arn = encodeURIComponent(subscriptionArn);
  return `${endpoint}/?Version=${API_VERSION}&Action=Unsubscribe&SubscriptionArn=${arn}`;
}

/** The subscription's own, else the topic's, else AWS's. */
function retryPolicy(topics: Topics, topicArn: string, subscription: Subscription | undefined): RetryPolicy {
  const own = subscription?.attributes.DeliveryPolicy;
  const ofTopic = topics.get(topicArn)?.attributes.DeliveryPolicy;
  return (
    (own === undefined ? undefined : parseDeliveryPolicy(own, 'subscription')) ??
    (ofTopic === undefined ? undefined : parseDeliveryPolicy(ofTopic, 'topic')) ??
    defaultRetryPolicy
  );
}

/** A function that does not exist will not appear; anything else passes, and is tried for 23 days as on AWS. */
async function invoke(targets: Targets, delivery: Delivery, event: object): Promise<Outcome> {
  try {
    await targets.deliver(delivery.endpoint, { message: JSON.stringify(event) });
    return { result: 'delivered' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      result: 'failed',
      reason,
      retryAfterMs: isFinalFailure(error) ? undefined : lambdaDelayMs(delivery.attempts + 1),
    };
  }
}

const LAMBDA_RETRIES_MAX = 100_014;
const LAMBDA_MOST_MS = 20_000;

/** 3 at once, 2 after a second, 10 growing from 1 to 20 seconds, 100,000 every 20 seconds. */
function lambdaDelayMs(retry: number): number | undefined {
  if (retry > LAMBDA_RETRIES_MAX) return undefined;
  if (retry <= 2) return 0;
  if (retry <= 4) return 1_000;
  return Math.min(1_000 * 1.4 ** (retry - 5), LAMBDA_MOST_MS);
}
