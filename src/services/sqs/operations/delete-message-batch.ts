import type { DeleteMessageBatchRequest, DeleteMessageBatchResult } from '@aws-sdk/client-sqs';
import { type CallContext, type Checked, EncodedOutput } from '../../../protocol/service.ts';
import { batchResult, checkedBatch } from '../batch.ts';
import { deletedJson } from '../batch-json.ts';
import type { SqsContext } from '../context.ts';
import { deleteByHandles } from '../handles.ts';
import { nameOf } from '../queue-url.ts';

/** Deletes up to ten messages, in one commit. */
export async function deleteMessageBatch(
  { queues }: SqsContext,
  input: Checked<DeleteMessageBatchRequest>,
  call: CallContext,
): Promise<DeleteMessageBatchResult | EncodedOutput> {
  const open = queues.open(nameOf(input.QueueUrl, call));
  open.admit('delete');
  const entries = checkedBatch(input.Entries, 'DeleteMessageBatchRequestEntry');
  const handles = entries.map(({ ReceiptHandle }) => ReceiptHandle);
  const errors = await deleteByHandles(open, handles);
  const value = () => batchResult(entries, errors);
  const isWhole = errors.every((error) => error === undefined);
  return isWhole ? new EncodedOutput(() => deletedJson(entries), value) : value();
}
