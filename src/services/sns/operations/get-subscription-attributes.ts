import type { GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { shownAttributes } from '../attributes-input.ts';
import type { SnsReads } from '../context.ts';
import { protocols } from '../protocols/index.ts';

/** Returns a subscription's attributes. */
export function getSubscriptionAttributes(
  { topics }: SnsReads,
  input: Checked<GetSubscriptionAttributesInput>,
  _call: CallContext,
): GetSubscriptionAttributesResponse {
  const subscription = topics.requireSubscription(input.SubscriptionArn);
  const { needsConfirmation } = protocols[subscription.protocol];
  return {
    Attributes: {
      SubscriptionArn: subscription.arn,
      TopicArn: subscription.topicArn,
      Owner: subscription.owner,
      Protocol: subscription.protocol,
      Endpoint: subscription.endpoint,
      PendingConfirmation: String(!subscription.confirmed),
      ConfirmationWasAuthenticated: String(!needsConfirmation || subscription.authenticateOnUnsubscribe),
      // Subscriptions do not store who created them: it was the account.
      SubscriptionPrincipal: `arn:aws:iam::${subscription.owner}:root`,
      ...shownAttributes(subscription.attributes),
    },
  };
}
