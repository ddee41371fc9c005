import type { UntagQueueRequest } from '@aws-sdk/client-sqs';
import { withoutTags } from '../../../aws/tags.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { missingParameter } from '../errors.ts';
import { nameOf } from '../queue-url.ts';

/** Removes tags of a queue; keys that it does not have are ignored. */
export async function untagQueue(
  { queues }: SqsContext,
  input: Checked<UntagQueueRequest>,
  call: CallContext,
): Promise<void> {
  const { TagKeys: keys } = input;
  if (keys === undefined || keys.length === 0) throw missingParameter('TagKeys');
  await queues.update(nameOf(input.QueueUrl, call), (queue) => ({
    attributes: queue.attributes,
    tags: withoutTags(queue.tags, keys),
  }));
}
