import type { GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';

/** A subscription's attributes. */
export function getSubscriptionAttributes(
  { topics }: SnsContext,
  input: Checked<GetSubscriptionAttributesInput>,
  _call: CallContext,
): GetSubscriptionAttributesResponse {
  const subscription = topics.requireSubscription(input.SubscriptionArn);
  const { attributes } = subscription;
  const hasFilter = attributes.FilterPolicy !== undefined;
  return {
    Attributes: {
      SubscriptionArn: subscription.arn,
      TopicArn: subscription.topicArn,
      Owner: subscription.owner,
      Protocol: subscription.protocol,
      Endpoint: subscription.endpoint,
      PendingConfirmation: String(!subscription.confirmed),
      ConfirmationWasAuthenticated: String(
        subscription.protocol === 'lambda' || subscription.authenticateOnUnsubscribe,
      ),
      RawMessageDelivery: 'false',
      ...(hasFilter ? { FilterPolicyScope: 'MessageAttributes' } : {}),
      ...attributes,
    },
  };
}
