import type { CreateQueueRequest, CreateQueueResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { parseQueue, sameQueue } from '../queue-input.ts';
import { urlOf } from '../queue-url.ts';
import { checkRedrive } from '../redrive-check.ts';

/**
 * Creates a queue, or returns the existing one of that name if the given attributes equal its own. Its tags stay as they
 * are then, as on AWS.
 */
export async function createQueue(
  { queues }: SqsContext,
  input: Checked<CreateQueueRequest>,
  call: CallContext,
): Promise<CreateQueueResult> {
  const queue = parseQueue(input);
  checkRedrive(queues, queue);
  await queues.create(queue, (present) => sameQueue(present, queue));
  return { QueueUrl: urlOf(queue.name, call) };
}
