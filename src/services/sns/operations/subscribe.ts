import type { SubscribeInput, SubscribeResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { parseSubscriptionAttributes, sameAttributes } from '../attributes-input.ts';
import type { SnsContext } from '../context.ts';
import { invalidParameter } from '../errors.ts';
import { parseEndpoint, parseProtocol, protocols } from '../protocols/index.ts';

const PENDING = 'pending confirmation';

/**
 * Subscribes an endpoint to a topic. http and https endpoints get a SubscriptionConfirmation, and another one for each
 * further call until they confirm; functions and queues are subscribed immediately. Other protocols are refused by name.
 */
export async function subscribe(
  { topics, publisher }: SnsContext,
  input: Checked<SubscribeInput>,
  call: CallContext,
): Promise<SubscribeResponse> {
  const protocol = parseProtocol(input.Protocol);
  const endpoint = parseEndpoint(protocol, input.Endpoint);
  const attributes = parseSubscriptionAttributes(input.Attributes ?? {}, protocol);
  const { arn: topicArn } = topics.require(input.TopicArn);
  const confirmed = !protocols[protocol].needsConfirmation;
  const { subscription, token } = await topics.subscribe(
    {
      topicArn,
      protocol,
      endpoint,
      owner: call.accountId,
      confirmed,
      authenticateOnUnsubscribe: false,
      attributes,
    },
    (present) => {
      if (!sameAttributes(Object.keys(input.Attributes ?? {}), present.attributes, attributes)) {
        throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
      }
    },
  );
  if (token !== undefined) await publisher.sendConfirmation('SubscriptionConfirmation', subscription, token);
  const isShown = subscription.confirmed || input.ReturnSubscriptionArn === true;
  return { SubscriptionArn: isShown ? subscription.arn : PENDING };
}
