import type { ListTopicsInput, ListTopicsResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { page } from '../pages.ts';

/** The topics of the call's region, a hundred a page. */
export function listTopics(
  { topics }: SnsContext,
  input: Checked<ListTopicsInput>,
  { region, accountId }: CallContext,
): ListTopicsResponse {
  const { items, next } = page(topics.topics(`arn:aws:sns:${region}:${accountId}:`), input.NextToken);
  return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), ...next };
}
