import type { ListQueuesRequest, ListQueuesResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsReads } from '../context.ts';
import { pageOf } from '../page-tokens.ts';
import { urlOf } from '../queue-url.ts';

/** The URLs of queues, by the beginning of their names. Without MaxResults at most 1,000, and no token, as on AWS. */
export function listQueues(
  { queues }: SqsReads,
  input: Checked<ListQueuesRequest>,
  call: CallContext,
): ListQueuesResult {
  const { items, next } = pageOf('ListQueues', queues.all(input.QueueNamePrefix), input);
  if (items.length === 0) return {};
  return { QueueUrls: items.map(({ name }) => urlOf(name, call)), ...next };
}
