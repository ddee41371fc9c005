import type { ListTopicsInput, ListTopicsResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { pageOf } from '../page-tokens.ts';

/** All topics, a hundred a page: a server has one region, whatever region the client has. */
export function listTopics(
  { topics }: SnsContext,
  input: Checked<ListTopicsInput>,
  _call: CallContext,
): ListTopicsResponse {
  const { items, next } = pageOf('ListTopics', topics.topics(''), input.NextToken);
  return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), ...next };
}
