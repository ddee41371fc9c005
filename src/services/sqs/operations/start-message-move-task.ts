import type { StartMessageMoveTaskRequest, StartMessageMoveTaskResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';

/** Moves the messages of a dead-letter queue back to where they came from, or to another queue, in the background. */
export async function startMessageMoveTask(
  { moveTasks }: SqsContext,
  input: Checked<StartMessageMoveTaskRequest>,
  _call: CallContext,
): Promise<StartMessageMoveTaskResult> {
  return { TaskHandle: await moveTasks.start(input) };
}
