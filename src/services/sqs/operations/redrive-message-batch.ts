import type { DeleteMessageBatchResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { RedriveMessageBatchInput } from '../api-types.ts';
import { checkedBatch, runBatch } from '../batch.ts';
import type { SqsContext } from '../context.ts';
import { nameOf } from '../queue-url.ts';
import { redriveByHandle } from '../redrive-message.ts';

/**
 * An operation that only nagare has. Moves up to ten messages that were received from a dead-letter queue back to where
 * they came from, or to another queue: as a move task, but only these.
 */
export async function redriveMessageBatch(
  { queues }: SqsContext,
  input: Checked<RedriveMessageBatchInput>,
  call: CallContext,
): Promise<DeleteMessageBatchResult> {
  const open = queues.open(nameOf(input.QueueUrl, call));
  const entries = checkedBatch(input.Entries, 'RedriveMessageBatchRequestEntry');
  return await runBatch(
    entries,
    entries.map(({ ReceiptHandle }) => redriveByHandle(queues, open, ReceiptHandle, input.DestinationArn)),
  );
}
