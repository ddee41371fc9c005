import type { ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsReads } from '../context.ts';
import { pageOf } from '../page-tokens.ts';
import { subscriptionOutput } from '../subscription-output.ts';

/** Lists a topic's subscriptions, a hundred per page. */
export function listSubscriptionsByTopic(
  { topics }: SnsReads,
  input: Checked<ListSubscriptionsByTopicInput>,
  _call: CallContext,
): ListSubscriptionsByTopicResponse {
  const { arn } = topics.require(input.TopicArn);
  const { items, next } = pageOf(
    'ListSubscriptionsByTopic',
    topics.subscriptions(`${arn}:`),
    input.NextToken,
  );
  return { Subscriptions: items.map(subscriptionOutput), ...next };
}
