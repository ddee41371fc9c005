import type { CancelMessageMoveTaskRequest, CancelMessageMoveTaskResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { missingParameter } from '../errors.ts';

/** Ends a move. What was moved stays moved. */
export async function cancelMessageMoveTask(
  { moveTasks }: SqsContext,
  input: Checked<CancelMessageMoveTaskRequest>,
  _call: CallContext,
): Promise<CancelMessageMoveTaskResult> {
  if (input.TaskHandle === undefined) throw missingParameter('TaskHandle');
  return { ApproximateNumberOfMessagesMoved: await moveTasks.cancel(input.TaskHandle) };
}
