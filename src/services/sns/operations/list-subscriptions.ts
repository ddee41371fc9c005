import type { ListSubscriptionsInput, ListSubscriptionsResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { page } from '../pages.ts';
import { subscriptionOutput } from '../subscription-output.ts';

/** The subscriptions to topics of the call's region, a hundred a page. */
export function listSubscriptions(
  { topics }: SnsContext,
  input: Checked<ListSubscriptionsInput>,
  { region, accountId }: CallContext,
): ListSubscriptionsResponse {
  const { items, next } = page(topics.subscriptions(`arn:aws:sns:${region}:${accountId}:`), input.NextToken);
  return { Subscriptions: items.map(subscriptionOutput), ...next };
}
