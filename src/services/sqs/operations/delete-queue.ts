import type { DeleteQueueRequest } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { nameOf } from '../queue-url.ts';

/** Deletes a queue with all of its messages, at once; on AWS it may take a minute. */
export async function deleteQueue(
  { queues }: SqsContext,
  input: Checked<DeleteQueueRequest>,
  call: CallContext,
): Promise<void> {
  await queues.delete(nameOf(input.QueueUrl, call));
}
