import type { ChangeMessageVisibilityRequest } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { changeByHandle } from '../handles.ts';
import { nameOf } from '../queue-url.ts';

/** Makes a message visible after another time than it was received with, counted from now; with 0 at once. */
export async function changeMessageVisibility(
  { queues, clock }: SqsContext,
  input: Checked<ChangeMessageVisibilityRequest>,
  call: CallContext,
): Promise<void> {
  await changeByHandle(queues.open(nameOf(input.QueueUrl, call)), input, clock.now());
}
