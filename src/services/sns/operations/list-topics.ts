import type { ListTopicsInput, ListTopicsResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsReads } from '../context.ts';
import { pageOf } from '../page-tokens.ts';

/** Lists all topics, a hundred per page: a server has one region, whatever region the client uses. */
export function listTopics(
  { topics }: SnsReads,
  input: Checked<ListTopicsInput>,
  _call: CallContext,
): ListTopicsResponse {
  const { items, next } = pageOf('ListTopics', topics.topics(''), input.NextToken);
  return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), ...next };
}
