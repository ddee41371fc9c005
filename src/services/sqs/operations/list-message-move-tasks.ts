import type { ListMessageMoveTasksRequest, ListMessageMoveTasksResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsReads } from '../context.ts';

/** The newest moves from a queue, the newest first; one if MaxResults is absent, as on AWS. */
export function listMessageMoveTasks(
  { moveTasks }: SqsReads,
  input: Checked<ListMessageMoveTasksRequest>,
  _call: CallContext,
): ListMessageMoveTasksResult {
  return { Results: moveTasks.list(input) };
}
