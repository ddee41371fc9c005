import type {
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityBatchResult,
} from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { checkedBatch, runBatch } from '../batch.ts';
import type { SqsContext } from '../context.ts';
import { changeByHandle } from '../handles.ts';
import { nameOf } from '../queue-url.ts';

/** ChangeMessageVisibility for up to ten messages. */
export async function changeMessageVisibilityBatch(
  { queues, clock }: SqsContext,
  input: Checked<ChangeMessageVisibilityBatchRequest>,
  call: CallContext,
): Promise<ChangeMessageVisibilityBatchResult> {
  const open = queues.open(nameOf(input.QueueUrl, call));
  const entries = checkedBatch(input.Entries, 'ChangeMessageVisibilityBatchRequestEntry');
  return await runBatch(
    entries,
    entries.map((entry) => changeByHandle(open, entry, clock.now())),
  );
}
