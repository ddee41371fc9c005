import type { TagQueueRequest } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { missingParameter } from '../errors.ts';
import { withQueueTags } from '../queue-input.ts';
import { nameOf } from '../queue-url.ts';

/** Adds tags to a queue; a key that it has gets the new value. */
export async function tagQueue(
  { queues }: SqsContext,
  input: Checked<TagQueueRequest>,
  call: CallContext,
): Promise<void> {
  const { Tags: tags } = input;
  if (tags === undefined || Object.keys(tags).length === 0) throw missingParameter('Tags');
  await queues.update(nameOf(input.QueueUrl, call), (queue) => ({
    attributes: queue.attributes,
    tags: withQueueTags(queue.tags, tags),
  }));
}
