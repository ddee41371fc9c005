import type { ListSubscriptionsInput, ListSubscriptionsResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsReads } from '../context.ts';
import { pageOf } from '../page-tokens.ts';
import { subscriptionOutput } from '../subscription-output.ts';

/** Lists all subscriptions, a hundred per page: a server has one region, whatever region the client uses. */
export function listSubscriptions(
  { topics }: SnsReads,
  input: Checked<ListSubscriptionsInput>,
  _call: CallContext,
): ListSubscriptionsResponse {
  const { items, next } = pageOf('ListSubscriptions', topics.subscriptions(''), input.NextToken);
  return { Subscriptions: items.map(subscriptionOutput), ...next };
}
