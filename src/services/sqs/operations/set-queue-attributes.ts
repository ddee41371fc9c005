import type { SetQueueAttributesRequest } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { withAttributes } from '../attributes-input.ts';
import type { SqsContext } from '../context.ts';
import { missingParameter } from '../errors.ts';
import { isFifo } from '../queue.ts';
import { nameOf } from '../queue-url.ts';
import { checkRedrive } from '../redrive-check.ts';

/** Sets attributes of a queue, all or none. They hold at once; on AWS it may take minutes. */
export async function setQueueAttributes(
  { queues }: SqsContext,
  input: Checked<SetQueueAttributesRequest>,
  call: CallContext,
): Promise<void> {
  const { name } = queues.require(nameOf(input.QueueUrl, call));
  const { Attributes: given } = input;
  if (given === undefined) throw missingParameter('Attributes');
  await queues.update(name, (queue) => {
    const attributes = withAttributes(queue.attributes, given, isFifo(queue));
    checkRedrive(queues, { ...queue, attributes }, given);
    return { attributes, tags: queue.tags };
  });
}
