import type {
  ListDeadLetterSourceQueuesRequest,
  ListDeadLetterSourceQueuesResult,
} from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsReads } from '../context.ts';
import { pageOf } from '../page-tokens.ts';
import { nameOf, urlOf } from '../queue-url.ts';

/** The queues that have this one as their dead-letter queue. */
export function listDeadLetterSourceQueues(
  { queues }: SqsReads,
  input: Checked<ListDeadLetterSourceQueuesRequest>,
  call: CallContext,
): ListDeadLetterSourceQueuesResult {
  const { name } = queues.require(nameOf(input.QueueUrl, call));
  const { items, next } = pageOf('ListDeadLetterSourceQueues', queues.sourcesOf(name), input);
  return { queueUrls: items.map((source) => urlOf(source.name, call)), ...next };
}
