import type { GetTopicAttributesInput, GetTopicAttributesResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { defaultRetryPolicy, parseDeliveryPolicy } from '../delivery-policy.ts';

/** A topic's attributes, those that were set and those that it has by itself. */
export function getTopicAttributes(
  { topics }: SnsContext,
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
      Policy: defaultPolicy(topic.arn, topic.accountId),
      EffectiveDeliveryPolicy: JSON.stringify({
        http: { defaultHealthyRetryPolicy: effective, disableSubscriptionOverrides: false },
      }),
      SubscriptionsConfirmed: confirmed.toString(),
      SubscriptionsPending: (subscriptions.length - confirmed).toString(),
      SubscriptionsDeleted: topic.subscriptionsDeleted.toString(),
    },
  };
}

/** The policy that every topic of AWS's begins with: its owner may do everything. */
function defaultPolicy(arn: string, accountId: string): string {
  const actions =
    'GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe ListSubscriptionsByTopic Publish';
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: actions.split(' ').map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': accountId } },
      },
    ],
  });
}
