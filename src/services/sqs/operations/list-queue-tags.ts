import type { ListQueueTagsRequest, ListQueueTagsResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsReads } from '../context.ts';
import { nameOf } from '../queue-url.ts';

/** The tags of a queue. */
export function listQueueTags(
  { queues }: SqsReads,
  input: Checked<ListQueueTagsRequest>,
  call: CallContext,
): ListQueueTagsResult {
  const { tags } = queues.require(nameOf(input.QueueUrl, call));
  return Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } };
}
