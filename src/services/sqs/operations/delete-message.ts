import type { DeleteMessageRequest } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { deleteByHandle } from '../handles.ts';
import { nameOf } from '../queue-url.ts';

/** Deletes a message by any handle of it, in a FIFO queue only by the newest one before its visibility timeout ends. */
export async function deleteMessage(
  { queues }: SqsContext,
  input: Checked<DeleteMessageRequest>,
  call: CallContext,
): Promise<void> {
  const open = queues.open(nameOf(input.QueueUrl, call));
  open.admit('delete');
  await deleteByHandle(open, input.ReceiptHandle);
}
