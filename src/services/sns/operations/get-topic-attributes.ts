import type { GetTopicAttributesInput, GetTopicAttributesResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsReads } from '../context.ts';
import { defaultRequestPolicy, defaultRetryPolicy, parseDeliveryPolicy } from '../delivery-policy.ts';
import { shownPolicy } from '../topic-policy.ts';

/** Returns a topic's attributes: those that were set and those that every topic has. */
export function getTopicAttributes(
  { topics }: SnsReads,
  input: Checked<GetTopicAttributesInput>,
  _call: CallContext,
): GetTopicAttributesResponse {
  const topic = topics.require(input.TopicArn);
  const { DeliveryPolicy: policy } = topic.attributes;
  const subscriptions = [...topics.subscriptions(`${topic.arn}:`)];
  const confirmed = subscriptions.filter((subscription) => subscription.confirmed).length;
  const effective =
    (policy === undefined ? undefined : parseDeliveryPolicy(policy, 'topic')) ?? defaultRetryPolicy;
  return {
    Attributes: {
      TopicArn: topic.arn,
      Owner: topic.accountId,
      DisplayName: '',
      ...topic.attributes,
      Policy: shownPolicy(topic),
      EffectiveDeliveryPolicy: JSON.stringify({
        http: {
          defaultHealthyRetryPolicy: effective,
          disableSubscriptionOverrides: false,
          defaultRequestPolicy,
        },
      }),
      SubscriptionsConfirmed: confirmed.toString(),
      SubscriptionsPending: (subscriptions.length - confirmed).toString(),
      SubscriptionsDeleted: topic.subscriptionsDeleted.toString(),
    },
  };
}
