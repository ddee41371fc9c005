import type { PostResult } from '../../../support/http-post.ts';
import { traceHeadersOf } from '../../../support/trace-context.ts';
import type { SpanAttributes, WorkSpan, WorkSpans } from '../../../support/work-spans.ts';
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
    async attempt(sending, { post, spans }, signal) {
      const { message, unsubscribeUrl, isRaw } = sending;
      const body = isRaw
        ? messageFor(message, scheme)
        : httpBody(await sending.sign(), unsubscribeUrl, message.attributes);
      const span = spanOf(sending, spans);
      const sent = { ...headers(sending), ...traceHeadersOf(span?.trace) };
      const result = await post(sending.endpoint, sent, body, signal);
      if (result === 'interrupted') return result;
      span?.end(attributesOf(sending, result), failureOf(result));
      if ('failure' in result) return { isDelivered: false, reason: result.failure, isFinal: false };
      const { status } = result;
      if (status >= 200 && status < 300) return { isDelivered: true, status };
      // A client error is permanent, except 429, which asks for a later retry.
      const isFinal = status >= 400 && status < 500 && status !== 429;
      return { isDelivered: false, reason: `the endpoint responded with status ${status}`, isFinal, status };
    },
    retryDelayMs(retry, policy) {
      const seconds = retryDelaySeconds(policy, retry);
      return seconds === undefined ? undefined : seconds * 1000;
    },
  };
}

function spanOf({ message }: OutgoingNotification, spans: WorkSpans): WorkSpan | undefined {
  const { topicArn, trace } = message;
  if (trace === undefined) return undefined;
  return spans.begin({ name: `send ${nameIn(topicArn)}`, kind: 'producer', causes: [trace] });
}

type Answer = Exclude<PostResult, 'interrupted'>;

/** Without the URL, which may have secrets in its path and query. */
function attributesOf({ endpoint, message }: OutgoingNotification, answer: Answer): SpanAttributes {
  const { topicArn } = message;
  return {
    'nagare.sender': topicArn,
    'messaging.system': 'aws.sns',
    'messaging.destination.name': nameIn(topicArn),
    'messaging.operation.type': 'send',
    'server.address': new URL(endpoint).hostname,
    'http.response.status_code': 'status' in answer ? answer.status : undefined,
  };
}

/** A status of an error, or why there is none. */
function failureOf(answer: Answer): string | undefined {
  if ('failure' in answer) return answer.kind;
  return answer.status >= 200 && answer.status < 300 ? undefined : String(answer.status);
}

function nameIn(topicArn: string): string {
  return topicArn.slice(topicArn.lastIndexOf(':') + 1);
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
