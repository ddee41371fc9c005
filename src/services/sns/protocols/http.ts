import { retryDelaySeconds } from '../delivery-policy.ts';
import { invalidParameter } from '../errors.ts';
import { httpBody, messageFor } from '../notification.ts';
import type { OutgoingNotification, SnsProtocol } from './protocol.ts';

const USER_AGENT = 'Amazon Simple Notification Service Agent';

/** Sends notifications as POST requests to a URL, which must confirm its subscription first. */
export function httpProtocol(scheme: 'http' | 'https'): SnsProtocol {
  return {
    declaredEndpoint: (declared) => declared,
    parseEndpoint(endpoint) {
      if (!endpoint.startsWith(`${scheme}://`)) {
        throw invalidParameter('Endpoint must match the specified protocol');
      }
      if (!URL.canParse(endpoint)) throw invalidParameter('Endpoint');
      return endpoint;
    },
    needsConfirmation: true,
    allowsRawMessages: true,
    allowsDeliveryPolicy: true,
    async attempt(sending, { post }, signal) {
      const { message, unsubscribeUrl, isRaw } = sending;
      const body = isRaw
        ? messageFor(message, scheme)
        : httpBody(await sending.sign(), unsubscribeUrl, message.attributes);
      const result = await post(sending.endpoint, headers(sending), body, signal);
      if (result === 'interrupted') return result;
      if ('failure' in result) return { reason: result.failure, isFinal: false };
      const { status } = result;
      if (status >= 200 && status < 300) return 'delivered';
      // A client error is permanent, except 429, which asks for a later retry.
      const isFinal = status >= 400 && status < 500 && status !== 429;
      return { reason: `the endpoint responded with status ${status}`, isFinal };
    },
    retryDelayMs(retry, policy) {
      const seconds = retryDelaySeconds(policy, retry);
      return seconds === undefined ? undefined : seconds * 1000;
    },
  };
}

function headers({ message, subscriptionArn, isRaw }: OutgoingNotification): Record<string, string> {
  return {
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': USER_AGENT,
    'x-amz-sns-message-type': message.type,
    'x-amz-sns-message-id': message.messageId,
    'x-amz-sns-topic-arn': message.topicArn,
    ...(message.type === 'SubscriptionConfirmation' ? {} : { 'x-amz-sns-subscription-arn': subscriptionArn }),
    ...(isRaw ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
  };
}
