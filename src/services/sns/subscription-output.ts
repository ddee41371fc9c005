import type { Subscription as SubscriptionOutput } from '@aws-sdk/client-sns';
import type { Subscription } from './topic.ts';

/** A subscription as list responses show it. */
export function subscriptionOutput(subscription: Subscription): SubscriptionOutput {
  return {
    SubscriptionArn: subscription.confirmed ? subscription.arn : 'PendingConfirmation',
    Owner: subscription.owner,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    TopicArn: subscription.topicArn,
  };
}
